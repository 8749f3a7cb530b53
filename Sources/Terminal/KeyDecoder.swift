import CTerm
import Screen

/// Makes keys of what curses reads: joins Esc and a character that came with it to Alt, and gathers pasted text.
struct KeyDecoder {
    /// A paste longer than this is cut; a person cannot have meant it for a filter or a confirmation.
    static let longestPaste = 1 << 20

    private var escapePending = false
    private var paste: String?

    /// One more event; appends the keys it completes.
    mutating func take(_ event: ct_event, into keys: inout [Key]) {
        if paste != nil {
            gather(event, into: &keys)
            return
        }
        switch event.kind {
        case CT_CHARACTER: takeCharacter(event.value, into: &keys)
        case CT_KEY where Int(event.value) == CT_KEY_PASTE_BEGIN:
            flush(into: &keys)
            paste = ""
        case CT_KEY:
            flush(into: &keys)
            if let key = KeyDecoder.named(Int(event.value)) { keys.append(key) }
        case CT_MOUSE:
            flush(into: &keys)
            if let action = KeyDecoder.action(Int(event.value)) {
                keys.append(.mouse(MouseEvent(action, row: Int(event.row), column: Int(event.column))))
            }
        default: break
        }
    }

    /// Nothing more came with it: an Esc that waits is the key Esc.
    mutating func flush(into keys: inout [Key]) {
        if escapePending { keys.append(.escape) }
        escapePending = false
    }

    private mutating func takeCharacter(_ value: UInt32, into keys: inout [Key]) {
        if value == 27 {
            flush(into: &keys)
            escapePending = true
            return
        }
        guard let key = KeyDecoder.character(value) else { return }
        if escapePending, case .character(let character) = key {
            escapePending = false
            keys.append(.alt(character))
        } else {
            flush(into: &keys)
            keys.append(key)
        }
    }

    private mutating func gather(_ event: ct_event, into keys: inout [Key]) {
        // Terminals keep Esc out of what is pasted, so an Esc here means that the end mark was lost. The keyboard must
        // not stay dead for that.
        let ended = event.kind == CT_KEY && Int(event.value) == CT_KEY_PASTE_END
        let lost = event.kind == CT_CHARACTER && event.value == 27
        if ended || lost {
            keys.append(.paste(paste ?? ""))
            paste = nil
            return
        }
        guard event.kind == CT_CHARACTER, let scalar = Unicode.Scalar(event.value),
            (paste?.utf8.count ?? 0) < KeyDecoder.longestPaste
        else { return }
        paste?.unicodeScalars.append(scalar == "\r" ? "\n" : scalar)
    }

    private static func character(_ value: UInt32) -> Key? {
        switch value {
        case 9: return .tab
        case 10, 13: return .enter
        // Which of the two Backspace sends differs between terminals; nobody binds Ctrl-H apart from it.
        case 8, 127: return .backspace
        case 0..<32: return Unicode.Scalar(value + 0x40).map { .control(Character(String($0).lowercased())) }
        case 0x80..<0xA0: return nil
        default: return Unicode.Scalar(value).map { .character(Character($0)) }
        }
    }

    private static func named(_ value: Int) -> Key? {
        switch value {
        case CT_KEY_UP: .up
        case CT_KEY_DOWN: .down
        case CT_KEY_LEFT: .left
        case CT_KEY_RIGHT: .right
        case CT_KEY_PAGE_UP: .pageUp
        case CT_KEY_PAGE_DOWN: .pageDown
        case CT_KEY_HOME: .home
        case CT_KEY_END: .end
        case CT_KEY_INSERT: .insert
        case CT_KEY_DELETE: .delete
        case CT_KEY_BACKSPACE: .backspace
        case CT_KEY_ENTER: .enter
        case CT_KEY_BACK_TAB: .backTab
        default: value > CT_KEY_FUNCTION ? .function(value - CT_KEY_FUNCTION) : nil
        }
    }

    private static func action(_ value: Int) -> MouseEvent.Action? {
        switch value {
        case CT_MOUSE_PRESS: .press
        case CT_MOUSE_RELEASE: .release
        case CT_MOUSE_SECONDARY: .secondary
        case CT_MOUSE_WHEEL_UP: .wheelUp
        case CT_MOUSE_WHEEL_DOWN: .wheelDown
        default: nil
        }
    }
}

/// What a theme owes its readers: enough contrast, and statuses that people with any kind of colour vision tell apart.
enum ThemeCheck {
    /// Something to tell the author.
    struct Finding: Equatable {
        /// The key it is about.
        var key: String
        /// What is wrong, and the target.
        var message: String
    }

    /// Distance in OKLab that two statuses must keep under every kind of colour vision: between two and three times
    /// what is just noticeable, as they are compared across a screen and not side by side.
    static let leastDistance = 0.05

    /// Difference in L* between done and failed, the two that must never be mixed up.
    static let leastLightness = 20.0

    /// Everything that falls short. Colours that the terminal's owner decides about (its own and the sixteen) cannot be
    /// judged and are left out.
    static func findings(in theme: Theme) -> [Finding] {
        contrast(theme) + statuses(theme)
    }

    private static func contrast(_ theme: Theme) -> [Finding] {
        var findings = ThemeKey.all.compactMap { key -> Finding? in
            guard case .foreground(let role) = key.target, let target = key.contrast,
                let fg = known(theme[role].fg), let bg = known(theme[role].bg ?? theme.background)
            else { return nil }
            return finding(key.name, fg.contrast(with: bg), target.rawValue, "its ground")
        }
        if let fg = known(theme[.surface].fg ?? theme[.text].fg), let bg = known(theme[.surface].bg),
            let finding = finding("surface", fg.contrast(with: bg), ThemeKey.Contrast.read.rawValue, "the text on it")
        {
            findings.append(finding)
        }
        if let focus = known(theme[.borderFocus].fg), let border = known(theme[.border].fg),
            let finding = finding(
                "border.focus", focus.contrast(with: border), ThemeKey.Contrast.seen.rawValue, "`border`")
        {
            findings.append(finding)
        }
        return findings
    }

    private static func finding(_ key: String, _ ratio: Double, _ target: Double, _ other: String) -> Finding? {
        guard ratio < target else { return nil }
        return Finding(
            key: key,
            message: "`\(key)` has a contrast of \(tenths(ratio)) to \(other); at least \(tenths(target)) is needed")
    }

    private static func statuses(_ theme: Theme) -> [Finding] {
        var findings: [Finding] = []
        let colors = ThemeKey.statuses.compactMap { key -> (name: String, rgb: RGB)? in
            guard case .foreground(let role) = key.target, let rgb = known(theme[role].fg) else { return nil }
            return (key.name, rgb)
        }
        for (index, one) in colors.enumerated() {
            for other in colors[..<index] {
                let close = ColorVision.allCases.filter {
                    RGB.distance($0.seen(one.rgb), $0.seen(other.rgb)) < leastDistance
                }
                guard let first = close.first else { continue }
                findings.append(
                    Finding(
                        key: one.name,
                        message: "`\(one.name)` and `\(other.name)` look nearly the same \(first.description)"))
            }
        }
        if let ok = known(theme[.statusOk].fg), let fail = known(theme[.statusFail].fg),
            abs(ok.lightness - fail.lightness) < leastLightness
        {
            findings.append(
                Finding(
                    key: "status.fail",
                    message: "`status.fail` and `status.ok` differ by "
                        + "\(tenths(abs(ok.lightness - fail.lightness))) in lightness (L*); at least "
                        + "\(tenths(leastLightness)) is needed, since not everybody tells their hues apart"))
        }
        return findings
    }

    private static func known(_ color: Color?) -> RGB? {
        guard case .rgb(let rgb)? = color?.value else { return nil }
        return rgb
    }

    /// One decimal, rounded down, so that 4.46 is not shown as the 4.5 it misses.
    private static func tenths(_ value: Double) -> String {
        let tenths = Int(value * 10)
        return "\(tenths / 10).\(tenths % 10)"
    }
}

/// How colours look to people with one kind of cone missing: the matrices of Machado, Oliveira and Fernandes (2009)
/// for full severity, on linear light.
enum ColorVision: CaseIterable {
    case common, protanopia, deuteranopia, tritanopia

    func seen(_ rgb: RGB) -> SIMD3<Double> {
        let rows: [SIMD3<Double>] =
            switch self {
            case .common: [SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)]
            case .protanopia:
                [
                    SIMD3(0.152286, 1.052583, -0.204868), SIMD3(0.114503, 0.786281, 0.099216),
                    SIMD3(-0.003882, -0.048116, 1.051998),
                ]
            case .deuteranopia:
                [
                    SIMD3(0.367322, 0.860646, -0.227968), SIMD3(0.280085, 0.672501, 0.047413),
                    SIMD3(-0.011820, 0.042940, 0.968881),
                ]
            case .tritanopia:
                [
                    SIMD3(1.255528, -0.076749, -0.178779), SIMD3(-0.078411, 0.930809, 0.147602),
                    SIMD3(0.004733, 0.691367, 0.303900),
                ]
            }
        let light = rgb.linear
        let seen = SIMD3((light * rows[0]).sum(), (light * rows[1]).sum(), (light * rows[2]).sum())
        return seen.clamped(lowerBound: SIMD3(repeating: 0), upperBound: SIMD3(repeating: 1))
    }

    var description: String {
        switch self {
        case .common: "to everybody"
        case .protanopia: "without red vision (protanopia)"
        case .deuteranopia: "without green vision (deuteranopia)"
        case .tritanopia: "without blue vision (tritanopia)"
        }
    }
}

/// A builder with what it does in its lives: in those of its fate, and in the good ones.
struct BuilderStory: Sendable {
    let builder: SandboxBuilder
    private let fated: BuildOutline
    private let good: BuildOutline

    init(_ builder: SandboxBuilder) {
        self.builder = builder
        good = BuildOutline(of: builder, fate: .good)
        fated = builder.fate == .good ? good : BuildOutline(of: builder, fate: builder.fate)
    }

    func outline(of life: Int) -> BuildOutline { builder.fate(of: life) == .good ? good : fated }
}

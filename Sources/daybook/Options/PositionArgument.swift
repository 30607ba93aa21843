import ArgumentParser
import Wire

/// `#41`, or `41` where the place leaves no doubt: a shell takes an unquoted # for a comment.
struct PositionArgument: ExpressibleByArgument {
    let value: Position

    init?(argument: String) {
        let digits = argument.hasPrefix("#") ? argument.dropFirst() : argument[...]
        guard let number = UInt64(digits), number > 0, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
        else {
            return nil
        }
        value = Position(number)
    }
}

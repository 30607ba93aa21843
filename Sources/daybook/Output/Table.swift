/// Left-aligned columns, two spaces apart; the last is as long as it likes.
struct Table {
    private var rows: [[String]]

    init(_ head: String...) { rows = [head] }

    mutating func add(_ cells: String...) { rows.append(cells) }

    var isEmpty: Bool { rows.count == 1 }

    var text: String {
        let columns = rows[0].count
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column + 1 < columns {
                    line += String(repeating: " ", count: widths[column] - cell.count + 2)
                }
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}

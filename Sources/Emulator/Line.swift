/// Values in the order they came, taken from the front; appending and taking cost the same however long it is.
struct Line<Element: Sendable>: Sendable {
  private var elements: [Element] = []
  private var head = 0

  var count: Int { elements.count - head }
  var first: Element? { head < elements.count ? elements[head] : nil }

  mutating func append(_ element: Element) { elements.append(element) }

  mutating func removeFirst() -> Element? {
    guard let element = first else { return nil }
    head += 1
    if head > 64, 2 * head > elements.count {
      elements.removeFirst(head)
      head = 0
    }
    return element
  }
}

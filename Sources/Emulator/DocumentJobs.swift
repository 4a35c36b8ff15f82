internal import XMLValidation

/// Document conversions: what the service adds to the echo of a request, and their results. No page is drawn; every
/// document counts two pages, as that of the captured query of 2020-07-24.
enum DocumentJobs {
  private static let pageCount = 2
  /// What the captured submit of 2020-07-27 answers to an EndPage of -1.
  private static let lastPage = "5001"

  /// The node DocProcess as it is echoed: with SrcType and ImageParams even when they were not given, and an open end.
  static func echoed(_ operation: ElementTree) -> [ElementTree] {
    operation.children.map { child in
      guard child.name == "DocProcess" else { return child }
      var child = child
      for name in ["SrcType", "ImageParams"] where child[name] == nil { child.children.append(ElementTree(name)) }
      for place in child.children.indices
      where child.children[place].name == "EndPage" && child.children[place].text == "-1" {
        child.children[place].text = lastPage
      }
      return child
    }
  }

  /// The result of a finished job: in the captured form for conversions; what the other two kinds answer is not
  /// documented, so a watermark has an empty node and a mark none.
  static func results(of job: Job) -> [ElementTree] {
    switch job.tag {
    case "DocProcess": [conversion(job.request["Operation"] ?? ElementTree("Operation"))]
    case "DocWatermark": [ElementTree("DocWatermarkResult")]
    default: []
    }
  }

  private static func conversion(_ operation: ElementTree) -> ElementTree {
    func page(_ name: String) -> Int? { operation.text(at: "DocProcess", name).flatMap { Int($0) } }
    let first = max(page("StartPage") ?? 1, 1)
    // Neither 0 nor -1 is a last page: the captured query has 0 and went to the end.
    let last = page("EndPage").flatMap { $0 > 0 ? min($0, pageCount) : nil } ?? pageCount
    let pages = first <= last ? Array(first...last) : []
    let pattern = operation.text(at: "Output", "Object") ?? ""
    return .node(
      "DocProcessResult",
      [
        .leaf("FailPageCount", "0"), .leaf("SuccPageCount", String(pages.count)), ElementTree("TaskId"),
        ElementTree("TgtType"), .leaf("TotalPageCount", String(pageCount)),
      ]
        + pages.enumerated().map { index, page in
          .node(
            "PageInfo",
            [
              .leaf("PageNo", String(page)),
              .leaf("TgtUri", pattern.replacing("${Number}", with: String(index + 1))),
            ])
        })
  }
}

internal import XMLValidation

/// A template of animated images, the only kind whose requests the documentation at hand describes in full.
struct Template: Sendable {
  var id: String
  var bucket: Bucket
  var request: ElementTree
  var created: Double
  var updated: Double

  var name: String { request.text(at: "Name") ?? "" }

  /// What stands for the node Animation in a job that names this template.
  var settings: ElementTree {
    .node("TransTpl", request.children.filter { ["Container", "Video", "TimeInterval"].contains($0.name) })
  }

  /// The node Template, which wraps what the table lists flat (erratum E52).
  var element: ElementTree {
    .node(
      "Template",
      [
        .leaf("TemplateId", id), .leaf("Name", name), .leaf("Tag", request.text(at: "Tag") ?? ""),
        .leaf("BucketId", bucket.name), .leaf("Category", "Custom"), settings,
        .leaf("CreateTime", Times.job(created)), .leaf("UpdateTime", Times.job(updated)),
      ])
  }
}

/// The templates of all buckets. A name stands for one template of its bucket; the error has a number in the table of
/// media codes (1112) but neither code nor status, so InvalidArgument is the nearest.
struct TemplateStore: Sendable {
  private var templates: [String: Template] = [:]
  private let templatesMax: Int
  /// Those that have changed since somebody asked.
  private var touched: [Template] = []

  init(templatesMax: Int) { self.templatesMax = templatesMax }

  subscript(id: String, bucket: Bucket) -> Template? { templates[id].flatMap { $0.bucket == bucket ? $0 : nil } }

  mutating func keep(_ template: Template) throws(ServiceError) {
    guard templates[template.id] != nil || templates.count < templatesMax else {
      throw ServiceError(.invalidArgument, "There are \(templatesMax) templates; no more can be made.")
    }
    let isTaken = templates.values.contains {
      $0.id != template.id && $0.bucket == template.bucket && $0.name == template.name
    }
    guard !isTaken else {
      throw ServiceError(.invalidArgument, "The bucket has a template with the name \(template.name) already.")
    }
    templates[template.id] = template
    touched.append(template)
  }

  mutating func takeTouched() -> [Template] {
    defer { touched = [] }
    return touched
  }

  mutating func restore(_ templates: [Template]) {
    self.templates = Dictionary(templates.map { ($0.id, $0) }) { $1 }
  }
}

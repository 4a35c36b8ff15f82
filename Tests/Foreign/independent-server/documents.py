"""Reads request bodies and writes answers, compact and with sorted children as captured answers are."""

from xml.etree import ElementTree
from xml.parsers import expat

from refusal import Refusal

DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'
DEPTH_MAX = 64


def request_tree(body):
    """The root of a request, its text stripped of layout; Refusal when it is not a well-formed Request."""
    guard(body)
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise Refusal("InvalidContent", f"The body is not well-formed XML: {error}") from None
    if root.tag != "Request":
        raise Refusal("InvalidContent", "The root of the body is not Request.")
    return root


def guard(body):
    """No document type, no deep nesting: seen before a tree is built."""
    depth = 0
    parser = expat.ParserCreate()

    def doctype(*_):
        raise Refusal("InvalidContent", "The body has a document type.")

    def start(*_):
        nonlocal depth
        depth += 1
        if depth > DEPTH_MAX:
            raise Refusal("InvalidContent", "The body is nested too deeply.")

    def end(*_):
        nonlocal depth
        depth -= 1

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Refusal("InvalidContent", f"The body is not well-formed XML: {error}") from None


def text_at(node, path):
    """The text of the first element at the path; None when there is none, '' when it is empty."""
    found = node.find(path)
    return None if found is None else (found.text or "").strip()


def element(name, content):
    """An element of a text, of a dict of names and contents, or of an element's children; a list repeats a name."""
    node = ElementTree.Element(name)
    if isinstance(content, ElementTree.Element):
        if len(content):
            node.extend(element(child.tag, child) for child in content)
        else:
            node.text = (content.text or "").strip()
    elif isinstance(content, dict):
        for key, value in content.items():
            node.extend(element(key, one) for one in (value if isinstance(value, list) else [value]))
    else:
        node.text = content
    return node


def sort_children(node):
    node[:] = sorted(node, key=lambda child: child.tag)
    for child in node:
        sort_children(child)


def answer(root, content):
    """The bytes of a document. The sort is stable: repeated elements keep their order."""
    node = element(root, content)
    if root == "Response":
        sort_children(node)
    return DECLARATION + ElementTree.tostring(node, encoding="utf-8", short_empty_elements=True)

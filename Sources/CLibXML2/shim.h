#ifndef CISPEC_CLIBXML2_SHIM_H
#define CISPEC_CLIBXML2_SHIM_H

// libxml/encoding.h pulls in the system's ICU headers, which clash with the ICU inside Foundation. The macro is
// switched off after xmlversion.h defines it and before anything else reads it. The one type whose layout depends
// on it, xmlCharEncodingHandler, is never touched from Swift.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlschemas.h>
#include <libxml/schemasInternals.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

// The version is a macro with string concatenation, which Swift does not import.
static inline const char *cispec_xml_compiled_version(void) { return LIBXML_DOTTED_VERSION; }
// A number such as 20914, perhaps with a suffix.
static inline const char *cispec_xml_runtime_version(void) { return xmlParserVersion; }

// xmlFree is a variable that holds a function, which Swift takes for shared mutable state.
static inline void cispec_xml_free(void *pointer) { xmlFree(pointer); }

// What bounds one parse, and what it met. The parser's own SAX handlers build the tree; these stand before two of
// them, in C because they run once for every node.
typedef struct cispec_xml_guard {
  long elements_max;
  int depth_max;
  long elements;
  // 0 nothing, 1 a DOCTYPE, 2 too many elements, 3 too deep
  int refusal;
  int refusal_line;
  // The first error only: later ones are its consequences.
  int has_error;
  xmlError error;
} cispec_xml_guard;

static inline void cispec_xml_refuse(xmlParserCtxtPtr parser, int refusal) {
  cispec_xml_guard *guard = (cispec_xml_guard *)parser->_private;
  if (guard->refusal == 0) {
    guard->refusal = refusal;
    guard->refusal_line = parser->input == NULL ? 0 : parser->input->line;
  }
  xmlStopParser(parser);
}

static void cispec_xml_start_element(
    void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces,
    const xmlChar **namespace_table, int attributes, int defaulted, const xmlChar **attribute_table) {
  xmlParserCtxtPtr parser = (xmlParserCtxtPtr)context;
  cispec_xml_guard *guard = (cispec_xml_guard *)parser->_private;
  if (++guard->elements > guard->elements_max) {
    cispec_xml_refuse(parser, 2);
    return;
  }
  if (parser->nodeNr >= guard->depth_max) {
    cispec_xml_refuse(parser, 3);
    return;
  }
  xmlSAX2StartElementNs(
      context, name, prefix, uri, namespaces, namespace_table, attributes, defaulted, attribute_table);
}

static void cispec_xml_doctype(void *context, const xmlChar *name, const xmlChar *id, const xmlChar *system_id) {
  (void)name, (void)id, (void)system_id;
  cispec_xml_refuse((xmlParserCtxtPtr)context, 1);
}

static void cispec_xml_error(void *context, xmlErrorPtr error) {
  xmlParserCtxtPtr parser = (xmlParserCtxtPtr)context;
  cispec_xml_guard *guard = (cispec_xml_guard *)parser->_private;
  if (guard->has_error || guard->refusal != 0 || error->level < XML_ERR_ERROR) return;
  guard->has_error = xmlCopyError(error, &guard->error) == 0;
}

// Where libxml2 reports what it has no context for, on this thread: encoders that fail, and its standard error otherwise.
typedef struct cispec_xml_channel {
  xmlStructuredErrorFunc receive;
  void *context;
} cispec_xml_channel;

static void cispec_xml_ignore(void *context, xmlErrorPtr error) { (void)context, (void)error; }

// Silences it and says what was there before.
static inline cispec_xml_channel cispec_xml_silence(void) {
  cispec_xml_channel before = {xmlStructuredError, xmlStructuredErrorContext};
  xmlSetStructuredErrorFunc(NULL, (xmlStructuredErrorFunc)cispec_xml_ignore);
  return before;
}

static inline void cispec_xml_restore(cispec_xml_channel before) {
  xmlSetStructuredErrorFunc(before.context, before.receive);
}

// Puts the guard before the parser's handlers. The guard must outlive every parse.
static inline void cispec_xml_install_guard(xmlParserCtxtPtr parser, cispec_xml_guard *guard) {
  parser->_private = guard;
  parser->sax->startElementNs = cispec_xml_start_element;
  parser->sax->internalSubset = cispec_xml_doctype;
  parser->sax->serror = (xmlStructuredErrorFunc)cispec_xml_error;
}

#endif

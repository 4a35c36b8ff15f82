#include "COracle.h"

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

const void *oracle_schema(const char *path) {
  xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(path);
  xmlSchemaPtr schema = xmlSchemaParse(parser);
  xmlSchemaFreeParserCtxt(parser);
  return schema;
}

static void ignore(void *context, xmlErrorPtr error) { (void)context, (void)error; }

int oracle_verdict(const void *schema, const char *bytes, int count) {
  int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES;
  xmlSetStructuredErrorFunc(NULL, (xmlStructuredErrorFunc)ignore);
  xmlDocPtr document = xmlReadMemory(bytes, count, NULL, NULL, options);
  if (document == NULL) return -1;
  xmlSchemaValidCtxtPtr context = xmlSchemaNewValidCtxt((xmlSchemaPtr)schema);
  xmlSchemaSetValidStructuredErrors(context, (xmlStructuredErrorFunc)ignore, NULL);
  int verdict = xmlSchemaValidateDoc(context, document) == 0;
  xmlSchemaFreeValidCtxt(context);
  xmlFreeDoc(document);
  return verdict;
}

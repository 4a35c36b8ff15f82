/* The plain loop on the same libxml2: parse from memory, validate against a compiled schema, free. Prints ns each. */
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static void run(xmlParserCtxtPtr parser, xmlSchemaValidCtxtPtr context, const char *bytes, int size, long count) {
  for (long i = 0; i < count; i++) {
    xmlDocPtr document = xmlCtxtReadMemory(parser, bytes, size, NULL, NULL, XML_PARSE_NONET | XML_PARSE_BIG_LINES);
    if (document == NULL || xmlSchemaValidateDoc(context, document) != 0) {
      fprintf(stderr, "not valid\n");
      exit(1);
    }
    xmlFreeDoc(document);
  }
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  FILE *file = fopen(argv[2], "rb");
  static char bytes[1 << 20];
  int size = (int)fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  xmlSchemaParserCtxtPtr schemaParser = xmlSchemaNewParserCtxt(argv[1]);
  xmlSchemaPtr schema = xmlSchemaParse(schemaParser);
  xmlSchemaValidCtxtPtr context = xmlSchemaNewValidCtxt(schema);
  xmlParserCtxtPtr parser = xmlNewParserCtxt();
  long count = atol(argv[3]);
  run(parser, context, bytes, size, count / 10 + 1);
  double start = now();
  run(parser, context, bytes, size, count);
  printf("%f\n", (now() - start) / count);
  return 0;
}

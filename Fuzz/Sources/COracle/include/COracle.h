// What libxml2 alone says of a document, without a line of the kit in between.
#ifndef COracle_h
#define COracle_h

/// A schema read from its file by libxml2 itself; NULL when it is none.
const void *oracle_schema(const char *path);

/// 1 valid, 0 not valid, -1 not to be read.
int oracle_verdict(const void *schema, const char *bytes, int count);

#endif

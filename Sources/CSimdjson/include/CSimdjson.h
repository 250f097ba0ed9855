// simdjson's DOM through C: one call parses, and the tape it made is read from Swift.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct CSimdjsonParser CSimdjsonParser;

/// What a successful parse left in the parser; valid until the next parse or the parser's end.
typedef struct {
  const uint64_t *tape;
  size_t tape_count;
  const uint8_t *strings;
  size_t strings_count;
} CSimdjsonTape;

CSimdjsonParser *CSimdjson_new(void);
void CSimdjson_free(CSimdjsonParser *parser);

/// Parses `length` bytes; returns 0 and fills `tape`, or simdjson's error code.
int CSimdjson_parse(CSimdjsonParser *parser, const uint8_t *bytes, size_t length, CSimdjsonTape *tape);

/// A short English text for an error code; never null.
const char *CSimdjson_error(int code);

#ifdef __cplusplus
}
#endif

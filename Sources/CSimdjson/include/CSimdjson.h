// simdjson's DOM through C: one call parses, and the tape it made is read from Swift.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct CSimdjsonParser CSimdjsonParser;

/// What a successful parse left in the parser; valid until the next parse or the parser's end.
/// The layout is upstream's doc/tape.md: words of a type byte and 56 bits of payload.
typedef struct {
  const uint64_t *tape;
  size_t tape_count;
  const uint8_t *strings;
  size_t strings_count;
} CSimdjsonTape;

/// Makes a parser that refuses texts of more than `length_max` bytes and values nested deeper than `depth_max`;
/// null if there is no memory.
CSimdjsonParser *CSimdjson_new(size_t length_max, size_t depth_max);
void CSimdjson_free(CSimdjsonParser *parser);

/// Parses `length` bytes, which need no padding; returns 0 and fills `tape`, or simdjson's error code and an empty tape.
int CSimdjson_parse(CSimdjsonParser *parser, const uint8_t *bytes, size_t length, CSimdjsonTape *tape);

/// simdjson's error codes that Swift tells apart; checked against upstream's at build time.
enum {
  CSIMDJSON_CAPACITY = 1,
  CSIMDJSON_MEMALLOC = 2,
  CSIMDJSON_DEPTH_ERROR = 4,
  CSIMDJSON_STRING_ERROR = 5,
  CSIMDJSON_NUMBER_ERROR = 9,
  CSIMDJSON_UTF8_ERROR = 10,
  CSIMDJSON_EMPTY = 12,
};

/// A short English text for an error code; never null.
const char *CSimdjson_error(int code);

// The version of the library that was compiled in.
const char *CSimdjson_version(void);

#ifdef __cplusplus
}
#endif

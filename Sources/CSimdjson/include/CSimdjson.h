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

/// What a text may have at most; beyond it it is refused, and before values are taken apart.
typedef struct {
  size_t length_max;
  /// The deepest nesting.
  size_t depth_max;
  /// Values, names of members not counted.
  size_t values_max;
  /// Characters of a number.
  size_t number_length_max;
  /// Digits of a number with fraction or exponent, zeros in front and the exponent not counted.
  size_t number_digits_max;
} CSimdjsonLimits;

/// Makes a parser with these limits; null if there is no memory.
CSimdjsonParser *CSimdjson_new(CSimdjsonLimits limits);
void CSimdjson_free(CSimdjsonParser *parser);

/// Parses `length` bytes; returns 0 and fills `tape`, or an error code and an empty tape.
/// `room` is how many bytes may be read behind them, whatever they are: with fewer than `CSIMDJSON_PADDING` the text is copied.
int CSimdjson_parse(CSimdjsonParser *parser, const uint8_t *bytes, size_t length, size_t room, CSimdjsonTape *tape);

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

/// How many bytes behind a text are read.
enum { CSIMDJSON_PADDING = 64 };

/// Error codes of our own limits.
enum { CSIMDJSON_TOO_MANY_VALUES = 1000, CSIMDJSON_LONG_NUMBER = 1001 };

/// A short English text for an error code; never null.
const char *CSimdjson_error(int code);

// The version of the library that was compiled in.
const char *CSimdjson_version(void);

#ifdef __cplusplus
}
#endif

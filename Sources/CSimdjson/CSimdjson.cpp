#include "CSimdjson.h"

#include <simdjson.h>

#include <new>

struct CSimdjsonParser {
  simdjson::dom::parser parser;
};

extern "C" {

CSimdjsonParser *CSimdjson_new(void) { return new (std::nothrow) CSimdjsonParser; }

void CSimdjson_free(CSimdjsonParser *parser) { delete parser; }

int CSimdjson_parse(CSimdjsonParser *parser, const uint8_t *bytes, size_t length, CSimdjsonTape *tape) {
  try {
    simdjson::dom::element root;
    // Swift's arrays have no spare capacity to promise, so simdjson copies into a padded buffer of its own.
    auto error = parser->parser.parse(bytes, length, true).get(root);
    if (error) return error;
    const auto &document = parser->parser.doc;
    tape->tape = document.tape.get();
    // The root's payload is the index after the last tape word.
    tape->tape_count = static_cast<size_t>(document.tape[0] & 0x00FFFFFFFFFFFFFFULL);
    tape->strings = document.string_buf.get();
    // Upstream's own bound (document::allocate): five thirds of the input and padding, rounded to 64.
    tape->strings_count = document.capacity() == 0 ? 0 : SIMDJSON_ROUNDUP_N(5 * document.capacity() / 3 + simdjson::SIMDJSON_PADDING, 64);
    return 0;
  } catch (...) {
    return simdjson::MEMALLOC;
  }
}

const char *CSimdjson_error(int code) {
  return simdjson::error_message(static_cast<simdjson::error_code>(code));
}
}

#include "CSimdjson.h"

#include <simdjson.h>

#include <new>

static_assert(CSIMDJSON_CAPACITY == simdjson::CAPACITY && CSIMDJSON_MEMALLOC == simdjson::MEMALLOC &&
              CSIMDJSON_DEPTH_ERROR == simdjson::DEPTH_ERROR && CSIMDJSON_STRING_ERROR == simdjson::STRING_ERROR &&
              CSIMDJSON_NUMBER_ERROR == simdjson::NUMBER_ERROR && CSIMDJSON_UTF8_ERROR == simdjson::UTF8_ERROR &&
              CSIMDJSON_EMPTY == simdjson::EMPTY);

struct CSimdjsonParser {
  simdjson::dom::parser parser;
  size_t length_max;
  size_t depth_max;
};

extern "C" {

CSimdjsonParser *CSimdjson_new(size_t length_max, size_t depth_max) {
  try {
    return new CSimdjsonParser{simdjson::dom::parser(), length_max, depth_max};
  } catch (...) {
    return nullptr;
  }
}

void CSimdjson_free(CSimdjsonParser *parser) { delete parser; }

int CSimdjson_parse(CSimdjsonParser *parser, const uint8_t *bytes, size_t length, CSimdjsonTape *tape) {
  *tape = CSimdjsonTape{nullptr, 0, nullptr, 0};
  if (length == 0) return simdjson::EMPTY;
  if (length > parser->length_max) return simdjson::CAPACITY;
  try {
    // simdjson takes a depth only together with a capacity, and keeps it when it grows.
    if (parser->parser.capacity() == 0) {
      if (auto error = parser->parser.allocate(length, parser->depth_max)) return error;
    }
    simdjson::dom::element root;
    // Swift's arrays promise no spare capacity, so simdjson copies into a padded buffer of its own.
    if (auto error = parser->parser.parse(bytes, length, true).get(root)) return error;
    const auto &document = parser->parser.doc;
    // The first word is the root; its payload is the index behind the last word (tape_builder::visit_document_end).
    const auto count = static_cast<size_t>(document.tape[0] & simdjson::internal::JSON_VALUE_MASK);
    const size_t capacity = document.capacity();
    // Upstream's own bounds (document::allocate); a tape beyond them would be upstream's mistake, not read by us.
    if (count < 3 || count > SIMDJSON_ROUNDUP_N(capacity + 3, 64)) return simdjson::TAPE_ERROR;
    tape->tape = document.tape.get();
    tape->tape_count = count;
    tape->strings = document.string_buf.get();
    tape->strings_count = SIMDJSON_ROUNDUP_N(5 * capacity / 3 + simdjson::SIMDJSON_PADDING, 64);
    return 0;
  } catch (...) {
    return simdjson::MEMALLOC;
  }
}

const char *CSimdjson_error(int code) {
  return simdjson::error_message(static_cast<simdjson::error_code>(code));
}

#define CSIMDJSON_QUOTE(text) #text
#define CSIMDJSON_EXPAND(text) CSIMDJSON_QUOTE(text)
const char *CSimdjson_version(void) { return CSIMDJSON_EXPAND(SIMDJSON_VERSION); }
}

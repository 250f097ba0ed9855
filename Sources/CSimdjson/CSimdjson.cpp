#include "CSimdjson.h"

#include <simdjson.h>

#include <cstring>
#include <memory>
#include <new>

static_assert(CSIMDJSON_PADDING == simdjson::SIMDJSON_PADDING && CSIMDJSON_CAPACITY == simdjson::CAPACITY && CSIMDJSON_MEMALLOC == simdjson::MEMALLOC &&
              CSIMDJSON_DEPTH_ERROR == simdjson::DEPTH_ERROR && CSIMDJSON_STRING_ERROR == simdjson::STRING_ERROR &&
              CSIMDJSON_NUMBER_ERROR == simdjson::NUMBER_ERROR && CSIMDJSON_UTF8_ERROR == simdjson::UTF8_ERROR &&
              CSIMDJSON_EMPTY == simdjson::EMPTY);

struct CSimdjsonParser {
  simdjson::dom::parser parser;
  CSimdjsonLimits limits;
};

namespace {

bool is_of_number(uint8_t byte) {
  return (byte >= '0' && byte <= '9') || byte == '+' || byte == '-' || byte == '.' || byte == 'e' || byte == 'E';
}

// A float64 has up to 17 digits, and with more than 19 the conversion takes simdjson 50 times as long and longer.
int check_number(const uint8_t *start, size_t length_max, const CSimdjsonLimits &limits) {
  size_t length = 0, digits = 0;
  bool is_integer = true, is_exponent = false;
  while (length < length_max && is_of_number(start[length])) {
    const uint8_t byte = start[length++];
    is_exponent |= byte == 'e' || byte == 'E';
    is_integer &= byte != '.' && !is_exponent;
    const bool is_digit = byte >= '0' && byte <= '9';
    // Zeros in front mean nothing.
    if (is_digit && !is_exponent && (digits > 0 || byte != '0')) digits++;
  }
  if (length > limits.number_length_max) return CSIMDJSON_LONG_NUMBER;
  return !is_integer && digits > limits.number_digits_max ? CSIMDJSON_LONG_NUMBER : 0;
}

// What a byte at which something begins says of the number of values: a name is a text that a colon makes none of.
struct Weights {
  int8_t of[256];
  constexpr Weights() : of() {
    for (auto &weight : of) weight = 1;
    for (char c : {',', ']', '}'}) of[static_cast<uint8_t>(c)] = 0;
    of[static_cast<uint8_t>(':')] = -1;
  }
};
constexpr Weights weights;

// Looks over what stage 1 found: stage 2 takes memory for each value, and time for each digit of a long number.
int check(const simdjson::internal::dom_parser_implementation &found, const uint8_t *bytes, size_t length,
          const CSimdjsonLimits &limits) {
  const size_t count = found.n_structural_indexes;
  const uint32_t *places = found.structural_indexes.get();
  ptrdiff_t values = 0;
  for (size_t i = 0; i < count; i++) {
    const size_t place = places[i], next = i + 1 < count ? places[i + 1] : length;
    const uint8_t byte = bytes[place];
    values += weights.of[byte];
    // Fewer bytes than digits are allowed can't be too long a number.
    if (next - place > limits.number_digits_max && is_of_number(byte)) {
      if (const int error = check_number(bytes + place, next - place, limits)) return error;
    }
  }
  return values > static_cast<ptrdiff_t>(limits.values_max) ? CSIMDJSON_TOO_MANY_VALUES : 0;
}

}  // namespace

extern "C" {

CSimdjsonParser *CSimdjson_new(CSimdjsonLimits limits) {
  try {
    return new CSimdjsonParser{simdjson::dom::parser(), limits};
  } catch (...) {
    return nullptr;
  }
}

void CSimdjson_free(CSimdjsonParser *parser) { delete parser; }

int CSimdjson_parse(CSimdjsonParser *parser, const uint8_t *bytes, size_t length, size_t room, CSimdjsonTape *tape) {
  *tape = CSimdjsonTape{nullptr, 0, nullptr, 0};
  if (length == 0) return simdjson::EMPTY;
  if (length > parser->limits.length_max) return simdjson::CAPACITY;
  try {
    simdjson::dom::parser &reader = parser->parser;
    if (reader.capacity() < length) {
      if (auto error = reader.allocate(length, parser->limits.depth_max)) return error;
      if (auto error = reader.doc.allocate(length)) return error;
    }
    std::unique_ptr<uint8_t[]> copy;
    if (room < simdjson::SIMDJSON_PADDING) {
      copy.reset(new uint8_t[length + simdjson::SIMDJSON_PADDING]());
      std::memcpy(copy.get(), bytes, length);
      bytes = copy.get();
    }
    auto &stages = *reader.implementation;
    if (auto error = stages.stage1(bytes, length, simdjson::stage1_mode::regular)) return error;
    if (const int error = check(stages, bytes, length, parser->limits)) return error;
    if (auto error = stages.stage2(reader.doc)) return error;
    const auto &document = reader.doc;
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
  if (code == CSIMDJSON_TOO_MANY_VALUES) return "too many values";
  if (code == CSIMDJSON_LONG_NUMBER) return "a number too long for a float64";
  return simdjson::error_message(static_cast<simdjson::error_code>(code));
}

#define CSIMDJSON_QUOTE(text) #text
#define CSIMDJSON_EXPAND(text) CSIMDJSON_QUOTE(text)
const char *CSimdjson_version(void) { return CSIMDJSON_EXPAND(SIMDJSON_VERSION); }
}

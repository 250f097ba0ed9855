"""Reads YAML documents with PyYAML's own scanner, parser and composer, written in Python: a reader that shares nothing with ours.

Standard input has a JSON list of texts; standard output gets a JSON list of {"value": ...} or {"error": ...}. What a plain
scalar means is told in the terms of sigs.k8s.io/yaml, in which PyYAML's YAML 1.1 differs (y, 1:30, dates, floats without a point).
"""
import base64
import json
import re
import sys

import yaml

BOOLS = {word: True for base in ("y", "yes", "true", "on") for word in (base, base.capitalize(), base.upper())}
BOOLS.update({word: False for base in ("n", "no", "false", "off") for word in (base, base.capitalize(), base.upper())})
NULLS = {"", "~", "null", "Null", "NULL"}
SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
CORE = "tag:yaml.org,2002:"


def integer(text):
    digits = text.replace("_", "")
    sign = "-" if digits.startswith("-") else ""
    rest = digits.lstrip("+-") if digits[:1] in "+-" and digits[1:2] not in ("+", "-") else digits
    try:
        if re.fullmatch(r"0[0-7]+", rest):
            number = int(sign + rest, 8)
        elif re.fullmatch(r"0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0|[1-9][0-9]*", rest):
            number = int(sign + rest, 0)
        else:
            return None
    except ValueError:
        return None
    signed = digits[:1] in "+-"
    return number if -(2**63) <= number < (2**63 if signed else 2**64) else None


def plain(text):
    if text in NULLS:
        return None
    if text in BOOLS:
        return BOOLS[text]
    if SPECIAL.fullmatch(text):
        raise ValueError("no number of JSON's")
    if text[0] not in "+-.0123456789":
        return text
    if text[0] == ".":
        try:
            number = float(text)
        except ValueError:
            return text
        return text if number in (float("inf"), float("-inf")) else number
    number = integer(text)
    if number is not None:
        return number
    digits = text.replace("_", "")
    if FLOAT.fullmatch(digits):
        number = float(digits)
        if number not in (float("inf"), float("-inf")):
            return number
    return text


class Loader(yaml.SafeLoader):
    yaml_implicit_resolvers = {}

    def resolve(self, kind, value, implicit):
        if kind is yaml.nodes.ScalarNode and implicit[0]:
            return "!plain"
        return super().resolve(kind, value, implicit)


def value(node):
    if isinstance(node, yaml.nodes.SequenceNode):
        return [value(item) for item in node.value]
    if isinstance(node, yaml.nodes.MappingNode):
        result = {}
        for key, item in node.value:
            if key.tag == "!plain" and key.value == "<<":
                sources = item.value if isinstance(item, yaml.nodes.SequenceNode) else [item]
                for source in reversed(sources):
                    if not isinstance(source, yaml.nodes.MappingNode):
                        raise ValueError("no mapping to merge")
                    result.update(value(source))
                continue
            result[name(value(key))] = value(item)
        return result
    if node.tag == "!plain":
        return plain(node.value)
    if node.tag == CORE + "binary":
        return base64.b64decode(node.value.replace("\n", ""), validate=True).decode(errors="replace")
    if node.tag in (CORE + "int", CORE + "float", CORE + "bool", CORE + "null"):
        number = plain(node.value)
        wanted = {"int": int, "float": (int, float), "bool": bool, "null": type(None)}[node.tag[len(CORE):]]
        if not isinstance(number, wanted) or isinstance(number, bool) != (wanted is bool):
            raise ValueError("not of this tag")
        return number
    return node.value


def name(key):
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, int) and key < 2**63:
        return str(key)
    if isinstance(key, str):
        return key
    raise ValueError("no name")


def read(text):
    try:
        return {"value": value(Loader(text).get_single_node() or yaml.nodes.ScalarNode("!plain", "~"))}
    except (yaml.YAMLError, ValueError) as error:
        return {"error": str(error)}


json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)

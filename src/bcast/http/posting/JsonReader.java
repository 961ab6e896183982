package bcast.http.posting;

import bcast.data.JsonText;
import bcast.data.Text;
import bcast.data.Utf8;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads JSON token by token, strictly by RFC 8259: UTF-8 only, no duplicate names, no lone
 * surrogates, no leading zeros, nothing after the value. Every fault names its byte. Not for use
 * by several threads.
 */
final class JsonReader {

    /** Deepest nesting of arrays and objects; reading is recursive. */
    static final int MAX_DEPTH = 64;

    /** Well-known names, with the bytes of their JSON strings. */
    private static final List<Map.Entry<String, byte[]>> KNOWN = List.of(known("id"),
            known("raw"), known("signature"));

    private final byte[] json;
    private final int start;
    private final int end;
    private int at;

    /** Reads a body; fails if it is not UTF-8. */
    JsonReader(byte[] json) throws JsonException {
        this(json, 0, json.length);
    }

    /** Reads a part of an array; faults are counted from its beginning. */
    JsonReader(byte[] json, int from, int to) throws JsonException {
        this.json = json;
        this.start = from;
        this.at = from;
        this.end = to;
        int invalid = Utf8.firstInvalid(json, from, to);
        if (invalid >= 0) {
            throw fault(invalid, "not UTF-8");
        }
    }

    private static Map.Entry<String, byte[]> known(String name) {
        return Map.entry(name, JsonText.quote(Utf8.encode(name)));
    }

    private JsonException fault(int where, String what) {
        return new JsonException(where - start, what);
    }

    /** Receives the members of an object. */
    interface Members {
        /** Called at each value; must read or skip it. */
        void member(String name, JsonReader value) throws JsonException;
    }

    /** Reads the whole body as one object. */
    void object(Members members) throws JsonException {
        space();
        if (at == end || json[at] != '{') {
            throw unexpected("an object");
        }
        readObject(members, 1);
        space();
        if (at < end) {
            throw unexpected("the end");
        }
    }

    private void readObject(Members members, int depth) throws JsonException {
        if (depth > MAX_DEPTH) {
            throw fault(at, "deeper than " + MAX_DEPTH);
        }
        at++;
        space();
        if (at < end && json[at] == '}') {
            at++;
            return;
        }
        Names names = new Names();
        while (true) {
            space();
            int nameAt = at;
            if (at == end || json[at] != '"') {
                throw unexpected("a name");
            }
            String name = name();
            if (!names.add(name)) {
                throw fault(nameAt, "duplicate name");
            }
            space();
            expect(':');
            space();
            if (members == null) {
                skip(depth);
            } else {
                members.member(name, this);
            }
            space();
            if (at < end && json[at] == '}') {
                at++;
                return;
            }
            expect(',');
        }
    }

    /** Reads a name; a well-known one is not copied. */
    private String name() throws JsonException {
        for (Map.Entry<String, byte[]> known : KNOWN) {
            int nameEnd = at + known.getValue().length;
            if (nameEnd <= end && Arrays.equals(json, at, nameEnd, known.getValue(), 0,
                    known.getValue().length)) {
                at = nameEnd;
                return known.getKey();
            }
        }
        return string().toString();
    }

    /** Names of an object's members read before; the well-known ones take a bit each. */
    private static final class Names {
        private int known;
        private Set<String> others = Set.of();

        boolean add(String name) {
            for (int i = 0; i < KNOWN.size(); i++) {
                if (name.equals(KNOWN.get(i).getKey())) {
                    int before = known;
                    known |= 1 << i;
                    return known != before;
                }
            }
            if (others.isEmpty()) {
                others = new HashSet<>();
            }
            return others.add(name);
        }
    }

    private void readArray(int depth) throws JsonException {
        if (depth > MAX_DEPTH) {
            throw fault(at, "deeper than " + MAX_DEPTH);
        }
        at++;
        space();
        if (at < end && json[at] == ']') {
            at++;
            return;
        }
        while (true) {
            space();
            skip(depth);
            space();
            if (at < end && json[at] == ']') {
                at++;
                return;
            }
            expect(',');
        }
    }

    /** Passes over a value of the outermost object, checking it. */
    void skipValue() throws JsonException {
        skip(1);
    }

    private void skip(int depth) throws JsonException {
        if (at == end) {
            throw unexpected("a value");
        }
        switch (json[at]) {
            case '{' -> readObject(null, depth + 1);
            case '[' -> readArray(depth + 1);
            case '"' -> string();
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            default -> number();
        }
    }

    private void literal(String word) throws JsonException {
        for (int i = 0; i < word.length(); i++) {
            if (at == end || json[at] != word.charAt(i)) {
                throw unexpected("'" + word + "'");
            }
            at++;
        }
    }

    private void number() throws JsonException {
        if (at < end && json[at] == '-') {
            at++;
        }
        if (at < end && json[at] == '0') {
            at++;
        } else {
            digits("a value");
        }
        if (at < end && json[at] == '.') {
            at++;
            digits("a digit");
        }
        if (at < end && (json[at] == 'e' || json[at] == 'E')) {
            at++;
            if (at < end && (json[at] == '+' || json[at] == '-')) {
                at++;
            }
            digits("a digit");
        }
    }

    private void digits(String wanted) throws JsonException {
        if (at == end || json[at] < '0' || json[at] > '9') {
            throw unexpected(wanted);
        }
        while (at < end && json[at] >= '0' && json[at] <= '9') {
            at++;
        }
    }

    /** Reads a value that must be a string. Its text may be a part of what is read. */
    Text text(String name) throws JsonException {
        if (at == end || json[at] != '"') {
            throw fault(at, "\"" + name + "\" is not a string");
        }
        return string();
    }

    private Text string() throws JsonException {
        int start = ++at;
        at = JsonText.firstSpecial(json, at, end);
        if (at < end && json[at] == '"') {
            return Text.plain(json, start, at++);
        }
        return Text.of(escapedString(start));
    }

    /** Goes on with a string from its first escape. */
    private byte[] escapedString(int start) throws JsonException {
        ByteArrayOutputStream text = new ByteArrayOutputStream(at - start + 64);
        text.write(json, start, at - start);
        while (at < end) {
            byte b = json[at];
            if (b == '"') {
                at++;
                return text.toByteArray();
            }
            if (b >= 0 && b < 0x20) {
                throw fault(at, "control character in a string");
            }
            if (b == '\\') {
                escape(text);
            } else {
                text.write(b);
                at++;
            }
        }
        throw unexpected("the end of the string");
    }

    private void escape(ByteArrayOutputStream text) throws JsonException {
        int escapeAt = at++;
        byte letter = at < end ? json[at] : 0;
        switch (letter) {
            case '"', '\\', '/' -> text.write(letter);
            case 'b' -> text.write('\b');
            case 't' -> text.write('\t');
            case 'n' -> text.write('\n');
            case 'f' -> text.write('\f');
            case 'r' -> text.write('\r');
            case 'u' -> {
                unicode(escapeAt, text);
                return;
            }
            default -> throw fault(escapeAt, "unknown escape");
        }
        at++;
    }

    private void unicode(int escapeAt, ByteArrayOutputStream text) throws JsonException {
        at++;
        int unit = hex4(escapeAt);
        if (Character.isLowSurrogate((char) unit)) {
            throw fault(escapeAt, "lone surrogate");
        }
        int codePoint = unit;
        if (Character.isHighSurrogate((char) unit)) {
            if (at + 1 >= end || json[at] != '\\' || json[at + 1] != 'u') {
                throw fault(escapeAt, "lone surrogate");
            }
            at += 2;
            int low = hex4(escapeAt);
            if (!Character.isLowSurrogate((char) low)) {
                throw fault(escapeAt, "lone surrogate");
            }
            codePoint = Character.toCodePoint((char) unit, (char) low);
        }
        text.writeBytes(Utf8.encode(Character.toString(codePoint)));
    }

    private int hex4(int escapeAt) throws JsonException {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = at < end && json[at] >= 0 ? Character.digit(json[at], 16) : -1;
            if (digit < 0) {
                throw fault(escapeAt, "unknown escape");
            }
            value = value << 4 | digit;
            at++;
        }
        return value;
    }

    private void space() {
        while (at < end && (json[at] == ' ' || json[at] == '\n' || json[at] == '\r'
                || json[at] == '\t')) {
            at++;
        }
    }

    private void expect(char wanted) throws JsonException {
        if (at == end || json[at] != wanted) {
            throw unexpected("'" + wanted + "'");
        }
        at++;
    }

    private JsonException unexpected(String wanted) {
        return fault(at, at == end
                ? "expected " + wanted + " but the body ends" : "expected " + wanted);
    }
}

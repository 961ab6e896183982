package bcast.http.posting;

import bcast.data.JsonText;
import bcast.data.Text;
import bcast.data.Utf8;
import java.io.ByteArrayOutputStream;
import java.util.HashSet;
import java.util.Set;

/**
 * Reads JSON token by token, strictly by RFC 8259: UTF-8 only, no duplicate names, no lone
 * surrogates, no leading zeros, nothing after the value. Every fault names its byte. Not for use
 * by several threads.
 */
final class JsonReader {

    /** Deepest nesting of arrays and objects; reading is recursive. */
    static final int MAX_DEPTH = 64;

    private final byte[] json;
    private final int start;
    private final int end;
    private int at;
    private int depth;

    /** Reads a part of an array, in which faults are located; fails if it is not UTF-8. */
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

    /** Receives the members of an object. */
    interface Members {
        /** Called at each value; must read or skip it. */
        void member(String name, JsonReader value) throws JsonException;
    }

    /** Reads the whole body as one object. */
    void object(Members members) throws JsonException {
        space();
        if (!is('{')) {
            throw unexpected("an object");
        }
        readObject(members);
        space();
        if (at < end) {
            throw unexpected("the end");
        }
    }

    /** Passes over a value of any kind, checking it. */
    void skipValue() throws JsonException {
        if (at == end) {
            throw unexpected("a value");
        }
        switch (json[at]) {
            case '{' -> readObject((name, value) -> value.skipValue());
            case '[' -> skipArray();
            case '"' -> string();
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            default -> number();
        }
    }

    /** Reads a value that must be a string. Its text may be a part of what is read. */
    Text text(String name) throws JsonException {
        if (!is('"')) {
            throw fault(at, "\"" + name + "\" is not a string");
        }
        return string();
    }

    private void readObject(Members members) throws JsonException {
        enter();
        Set<String> names = new HashSet<>();
        for (boolean first = true; hasItem('}', first); first = false) {
            int nameAt = at;
            if (!is('"')) {
                throw unexpected("a name");
            }
            String name = string().toString();
            if (!names.add(name)) {
                throw fault(nameAt, "duplicate name");
            }
            space();
            expect(':');
            space();
            members.member(name, this);
        }
        depth--;
    }

    private void skipArray() throws JsonException {
        enter();
        for (boolean first = true; hasItem(']', first); first = false) {
            skipValue();
        }
        depth--;
    }

    private void enter() throws JsonException {
        depth++;
        if (depth > MAX_DEPTH) {
            throw fault(at, "deeper than " + MAX_DEPTH);
        }
        at++;
    }

    /** Goes on to the next item of an array or object. Returns false after the last. */
    private boolean hasItem(char close, boolean first) throws JsonException {
        space();
        if (accept(close)) {
            return false;
        }
        if (!first) {
            expect(',');
            space();
        }
        return true;
    }

    private void literal(String word) throws JsonException {
        for (int i = 0; i < word.length(); i++) {
            if (!accept(word.charAt(i))) {
                throw unexpected("'" + word + "'");
            }
        }
    }

    private void number() throws JsonException {
        accept('-');
        if (!accept('0')) {
            digits("a value");
        }
        if (accept('.')) {
            digits("a digit");
        }
        if (accept('e') || accept('E')) {
            if (!accept('+')) {
                accept('-');
            }
            digits("a digit");
        }
    }

    private void digits(String wanted) throws JsonException {
        int first = at;
        while (at < end && json[at] >= '0' && json[at] <= '9') {
            at++;
        }
        if (at == first) {
            throw unexpected(wanted);
        }
    }

    private Text string() throws JsonException {
        int first = ++at;
        at = JsonText.firstSpecial(json, at, end);
        if (is('"')) {
            return Text.plain(json, first, at++);
        }
        return Text.of(escapedString(first));
    }

    /** Goes on with a string from its first escape. */
    private byte[] escapedString(int first) throws JsonException {
        ByteArrayOutputStream text = new ByteArrayOutputStream(at - first + 64);
        text.write(json, first, at - first);
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
        at++;
        switch (letter) {
            case '"', '\\', '/' -> text.write(letter);
            case 'b' -> text.write('\b');
            case 't' -> text.write('\t');
            case 'n' -> text.write('\n');
            case 'f' -> text.write('\f');
            case 'r' -> text.write('\r');
            case 'u' -> text.writeBytes(Utf8.encode(Character.toString(codePoint(escapeAt))));
            default -> throw fault(escapeAt, "unknown escape");
        }
    }

    private int codePoint(int escapeAt) throws JsonException {
        char unit = hex4(escapeAt);
        if (!Character.isSurrogate(unit)) {
            return unit;
        }
        if (Character.isHighSurrogate(unit) && accept('\\') && accept('u')) {
            char low = hex4(escapeAt);
            if (Character.isLowSurrogate(low)) {
                return Character.toCodePoint(unit, low);
            }
        }
        throw fault(escapeAt, "lone surrogate");
    }

    private char hex4(int escapeAt) throws JsonException {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = at < end ? Character.digit(json[at], 16) : -1;
            if (digit < 0) {
                throw fault(escapeAt, "unknown escape");
            }
            value = value << 4 | digit;
            at++;
        }
        return (char) value;
    }

    private void space() {
        while (at < end && (json[at] == ' ' || json[at] == '\n' || json[at] == '\r'
                || json[at] == '\t')) {
            at++;
        }
    }

    private boolean is(char wanted) {
        return at < end && json[at] == wanted;
    }

    private boolean accept(char wanted) {
        boolean is = is(wanted);
        at += is ? 1 : 0;
        return is;
    }

    private void expect(char wanted) throws JsonException {
        if (!accept(wanted)) {
            throw unexpected("'" + wanted + "'");
        }
    }

    private JsonException unexpected(String wanted) {
        return fault(at, at == end
                ? "expected " + wanted + " but the body ends" : "expected " + wanted);
    }

    private JsonException fault(int where, String what) {
        return new JsonException(where - start, what);
    }
}

package bcast.http.posting;

import bcast.data.JsonText;
import bcast.data.Text;
import bcast.data.Utf8;
import bcast.http.server.HttpError;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads JSON token by token, strictly by RFC 8259: UTF-8 only, no duplicate names, no lone
 * surrogates, no leading zeros, nothing after the value. Errors count bytes from the beginning of
 * what is read. Not for use by several threads.
 */
final class JsonReader {

    /** Deepest nesting of arrays and objects; reading is recursive. */
    static final int MAX_DEPTH = 64;

    /** Names that are not copied, and their JSON strings in bytes. */
    private static final List<String> KNOWN = List.of("id", "raw", "signature");
    private static final List<byte[]> QUOTED = KNOWN.stream()
            .map(name -> JsonText.quote(Utf8.encode(name))).toList();

    private final byte[] json;
    private final int start;
    private final int end;
    private int at;
    private int depth;

    /** Reads a part of an array; fails if it is not UTF-8. */
    JsonReader(byte[] json, int from, int to) throws HttpError {
        this.json = json;
        this.start = from;
        this.at = from;
        this.end = to;
        int invalid = Utf8.firstInvalid(json, from, to);
        if (invalid >= 0) {
            throw fault(invalid, "not UTF-8");
        }
    }

    private HttpError fault(int where, String what) {
        return new HttpError(400, "malformed",
                "Malformed JSON: " + what + " at byte " + (where - start));
    }

    private HttpError unexpected(String wanted) {
        return fault(at, "expected " + wanted + (at == end ? " but the body ends" : ""));
    }

    private boolean sees(char c) {
        return at < end && json[at] == c;
    }

    private boolean takes(char c) {
        if (sees(c)) {
            at++;
            return true;
        }
        return false;
    }

    private void space() {
        while (sees(' ') || sees('\n') || sees('\r') || sees('\t')) {
            at++;
        }
    }

    /** Receives the members of an object. */
    interface Members {
        /** Called at each value; must read or skip it. */
        void member(String name, JsonReader value) throws HttpError;
    }

    /** Reads the whole body as one object. */
    void object(Members members) throws HttpError {
        space();
        if (!sees('{')) {
            throw unexpected("an object");
        }
        readObject(members);
        space();
        if (at < end) {
            throw unexpected("the end");
        }
    }

    private void readObject(Members members) throws HttpError {
        open();
        Names names = new Names();
        if (!sees('}')) {
            do {
                space();
                int nameAt = at;
                if (!sees('"')) {
                    throw unexpected("a name");
                }
                String name = name();
                if (!names.add(name)) {
                    throw fault(nameAt, "duplicate name");
                }
                space();
                if (!takes(':')) {
                    throw unexpected("':'");
                }
                space();
                if (members == null) {
                    skipValue();
                } else {
                    members.member(name, this);
                }
                space();
            } while (takes(','));
        }
        close('}');
    }

    private void readArray() throws HttpError {
        open();
        if (!sees(']')) {
            do {
                space();
                skipValue();
                space();
            } while (takes(','));
        }
        close(']');
    }

    private void open() throws HttpError {
        if (++depth > MAX_DEPTH) {
            throw fault(at, "deeper than " + MAX_DEPTH);
        }
        at++;
        space();
    }

    private void close(char bracket) throws HttpError {
        if (!takes(bracket)) {
            throw unexpected("','");
        }
        depth--;
    }

    private String name() throws HttpError {
        for (int i = 0; i < QUOTED.size(); i++) {
            byte[] quoted = QUOTED.get(i);
            int nameEnd = at + quoted.length;
            if (nameEnd <= end && Arrays.equals(json, at, nameEnd, quoted, 0, quoted.length)) {
                at = nameEnd;
                return KNOWN.get(i);
            }
        }
        return string().toString();
    }

    /** Names of an object's members read before; the well-known ones take a bit each. */
    private static final class Names {
        private int known;
        private Set<String> others = Set.of();

        boolean add(String name) {
            int i = KNOWN.indexOf(name);
            if (i >= 0) {
                int before = known;
                known |= 1 << i;
                return known != before;
            }
            if (others.isEmpty()) {
                others = new HashSet<>();
            }
            return others.add(name);
        }
    }

    /** Passes over a value, checking it. */
    void skipValue() throws HttpError {
        if (at == end) {
            throw unexpected("a value");
        }
        switch (json[at]) {
            case '{' -> readObject(null);
            case '[' -> readArray();
            case '"' -> string();
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            default -> number();
        }
    }

    private void literal(String word) throws HttpError {
        for (int i = 0; i < word.length(); i++) {
            if (!takes(word.charAt(i))) {
                throw unexpected("'" + word + "'");
            }
        }
    }

    private void number() throws HttpError {
        takes('-');
        if (!takes('0')) {
            digits("a value");
        }
        if (takes('.')) {
            digits("a digit");
        }
        if (takes('e') || takes('E')) {
            if (!takes('+')) {
                takes('-');
            }
            digits("a digit");
        }
    }

    private void digits(String wanted) throws HttpError {
        int from = at;
        while (at < end && json[at] >= '0' && json[at] <= '9') {
            at++;
        }
        if (at == from) {
            throw unexpected(wanted);
        }
    }

    /** Reads a value that must be a string. Its text may be a part of what is read. */
    Text text(String name) throws HttpError {
        if (!sees('"')) {
            throw fault(at, "\"" + name + "\" is not a string");
        }
        return string();
    }

    private Text string() throws HttpError {
        int from = ++at;
        at = JsonText.firstSpecial(json, at, end);
        if (sees('"')) {
            return Text.plain(json, from, at++);
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream(at - from + 64);
        while (sees('\\')) {
            text.write(json, from, at - from);
            escape(text);
            from = at;
            at = JsonText.firstSpecial(json, at, end);
        }
        text.write(json, from, at - from);
        if (!takes('"')) {
            throw at == end ? unexpected("the end of the string")
                    : fault(at, "control character in a string");
        }
        return Text.of(text.toByteArray());
    }

    private void escape(ByteArrayOutputStream text) throws HttpError {
        int escapeAt = at++;
        byte letter = at < end ? json[at++] : 0;
        switch (letter) {
            case '"', '\\', '/' -> text.write(letter);
            case 'b' -> text.write('\b');
            case 't' -> text.write('\t');
            case 'n' -> text.write('\n');
            case 'f' -> text.write('\f');
            case 'r' -> text.write('\r');
            case 'u' -> text.writeBytes(Utf8.encode(Character.toString(unicode(escapeAt))));
            default -> throw fault(escapeAt, "unknown escape");
        }
    }

    private int unicode(int escapeAt) throws HttpError {
        char unit = hex4(escapeAt);
        if (!Character.isSurrogate(unit)) {
            return unit;
        }
        boolean pair = Character.isHighSurrogate(unit) && takes('\\') && takes('u');
        char low = pair ? hex4(escapeAt) : 0;
        if (!Character.isLowSurrogate(low)) {
            throw fault(escapeAt, "lone surrogate");
        }
        return Character.toCodePoint(unit, low);
    }

    private char hex4(int escapeAt) throws HttpError {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = at < end && json[at] >= 0 ? Character.digit(json[at], 16) : -1;
            if (digit < 0) {
                throw fault(escapeAt, "unknown escape");
            }
            value = value << 4 | digit;
            at++;
        }
        return (char) value;
    }
}

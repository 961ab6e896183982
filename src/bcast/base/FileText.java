package bcast.base;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Decodes the files of secrets, tokens, keys and certificates, as the tools of all systems write
 * them: UTF-8 with or without a byte order mark, or UTF-16 with one, as PowerShell's {@code >}
 * writes it. All meaningful content of such a file is ASCII, so bytes that are not UTF-8 can
 * only be in comments, and are read as ISO 8859-1.
 */
public final class FileText {

    /** The marks of UTF-16 in either order. */
    private static final int MARK = 0xfeff;
    private static final int MARK_REVERSED = 0xfffe;

    private FileText() {}

    /**
     * {@return the text of a file, without a byte order mark}
     *
     * @param file all bytes
     * @throws IllegalArgumentException if it is empty or not a text; the message says why and
     *     quotes none of it
     */
    public static String of(byte[] file) {
        String text = decoded(file);
        if (text.isBlank()) {
            throw new IllegalArgumentException("it is empty");
        }
        int zero = text.indexOf(0);
        if (zero >= 0) {
            throw new IllegalArgumentException(looksLikeUtf16(file)
                    ? "it is UTF-16 without a byte order mark; save it as UTF-8"
                    : "it is not a text: character " + (zero + 1) + " is a zero");
        }
        return text;
    }

    /**
     * {@return each line of a text, parsed, except for blank lines and comments, which begin with
     * {@code #}}
     *
     * @param <T> type of the result
     * @param text the text
     * @param parser parses a line, without white space at its ends
     * @throws IllegalArgumentException if the parser throws one; the message is the number of the
     *     line and the parser's message, without the cause, which may quote a secret
     */
    public static <T> List<T> lines(String text, Function<String, T> parser) {
        List<T> parsed = new ArrayList<>();
        int number = 0;
        for (String line : text.lines().map(String::strip).toList()) {
            number++;
            try {
                if (!line.isEmpty() && !line.startsWith("#")) {
                    parsed.add(parser.apply(line));
                }
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("line " + number + " " + e.getMessage());
            }
        }
        return List.copyOf(parsed);
    }

    private static String decoded(byte[] file) {
        int first = file.length < 2 ? 0 : ByteBuffer.wrap(file).getChar();
        if (first == MARK || first == MARK_REVERSED) {
            return new String(file, StandardCharsets.UTF_16);
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(file)).toString()
                    .replaceFirst("^\ufeff", "");
        } catch (CharacterCodingException e) {
            return new String(file, StandardCharsets.ISO_8859_1)
                    .replaceFirst("^\u00ef\u00bb\u00bf", "");
        }
    }

    /** Whether every other byte is a zero, as those of ASCII in UTF-16 are. */
    private static boolean looksLikeUtf16(byte[] file) {
        int[] zeros = new int[2];
        for (int i = 0; i < file.length; i++) {
            zeros[i % 2] += file[i] == 0 ? 1 : 0;
        }
        int half = file.length / 2;
        return file.length % 2 == 0 && (zeros[0] == half && zeros[1] == 0
                || zeros[1] == half && zeros[0] == 0);
    }
}

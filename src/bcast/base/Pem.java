package bcast.base;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The blocks of a PEM file (RFC 7468) and the text between them, which is a comment to most tools.
 *
 * @param blocks the blocks in their order
 * @param rest the text without them, with as many lines as before
 */
public record Pem(List<Block> blocks, String rest) {

    private static final Pattern BLOCK = Pattern.compile(
            "-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);
    private static final Pattern BEGIN = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----");
    private static final String ENCRYPTED_HEADER = "Proc-Type: 4,ENCRYPTED";

    /**
     * A block.
     *
     * @param label such as CERTIFICATE
     * @param body the text between its first and its last line
     * @param line where it begins, from 1
     */
    public record Block(String label, String body, int line) {

        /** {@return whether it cannot be read without a password} */
        public boolean encrypted() {
            return label.startsWith("ENCRYPTED ") || body.contains(ENCRYPTED_HEADER);
        }

        /**
         * {@return the decoded body}
         *
         * @throws IllegalArgumentException if it is not base64; the message quotes nothing
         */
        public byte[] bytes() {
            try {
                return Base64.getDecoder().decode(body.replaceAll("\\s", ""));
            } catch (IllegalArgumentException e) {
                // Without the cause, which quotes a character of what may be a private key.
                throw new IllegalArgumentException("the " + label + " at line " + line
                        + " is not base64");
            }
        }
    }

    /**
     * {@return the blocks of a text and what is between them}
     *
     * @param text the text of a file
     * @throws IllegalArgumentException if a block has no end
     */
    public static Pem of(String text) {
        List<Block> blocks = new ArrayList<>();
        StringBuilder rest = new StringBuilder();
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            blocks.add(new Block(block.group(1), block.group(2),
                    1 + lineEnds(text.substring(0, block.start()))));
            // Begun by a space, or a CR before it and its first LF would be one line end.
            block.appendReplacement(rest, " " + "\n".repeat(lineEnds(block.group())));
        }
        block.appendTail(rest);
        Matcher begin = BEGIN.matcher(rest);
        if (begin.find()) {
            throw new IllegalArgumentException("the " + begin.group(1) + " at line "
                    + (1 + lineEnds(rest.substring(0, begin.start()))) + " has no end");
        }
        return new Pem(List.copyOf(blocks), rest.toString());
    }

    /** Line ends of a text: LF, CR, or both. */
    private static int lineEnds(String text) {
        return text.split("\r\n?|\n", -1).length - 1;
    }
}

package bcast.data;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The end of a record's JSON, from the quotation mark after its signature on. */
final class JsonTail {

    private static final byte[] TO_TIMESTAMP =
            "\",\"timestamp\":".getBytes(StandardCharsets.US_ASCII);

    /** Digits of {@link Data#MAX_TIMESTAMP}. */
    private static final int MOST_DIGITS = 14;

    /** From 2001 to 2286 timestamps have this many digits. */
    private static final int TODAY_DIGITS = 13;
    private static final long TODAY_FROM = 1_000_000_000_000L;

    /** Half the digits of the latest timestamp. */
    private static final int HALF_DIGITS = MOST_DIGITS / 2;
    private static final int HALF = 10_000_000;

    /** Longest tail. */
    static final int MAX_BYTES = TO_TIMESTAMP.length + MOST_DIGITS + 1;

    private JsonTail() {}

    /** Index of the tail in a record's JSON; -1 if the JSON has another end than written here. */
    static int find(byte[] json) {
        int digits = firstDigit(json);
        int start = digits - TO_TIMESTAMP.length;
        int length = json.length - 1 - digits;
        boolean written = length > 0 && length <= MOST_DIGITS && json[json.length - 1] == '}'
                && (length == 1 || json[digits] != '0') && start >= 0
                && Arrays.equals(json, start, digits, TO_TIMESTAMP, 0, TO_TIMESTAMP.length);
        return written ? start : -1;
    }

    /** The timestamp in a record's JSON in which {@link #find} found the tail. */
    static long timestamp(byte[] json) {
        long timestamp = 0;
        for (int i = firstDigit(json); i < json.length - 1; i++) {
            timestamp = 10 * timestamp + json[i] - '0';
        }
        return timestamp;
    }

    private static int firstDigit(byte[] json) {
        int digits = json.length - 1;
        while (digits > 0 && json[digits - 1] >= '0' && json[digits - 1] <= '9') {
            digits--;
        }
        return digits;
    }

    /** Length in bytes of the tail for a timestamp. */
    static int length(long timestamp) {
        return TO_TIMESTAMP.length + digits(timestamp) + 1;
    }

    /** Writes the tail for a timestamp. Returns the index after the last byte. */
    static int write(long timestamp, byte[] target, int at) {
        System.arraycopy(TO_TIMESTAMP, 0, target, at, TO_TIMESTAMP.length);
        return end(timestamp, target, at + TO_TIMESTAMP.length);
    }

    /** The digits in two halves, which take as long as one. */
    private static int end(long timestamp, byte[] target, int at) {
        int end = at + digits(timestamp);
        int middle = Math.max(at, end - HALF_DIGITS);
        writeDigits((int) (timestamp / HALF), target, at, middle);
        writeDigits((int) (timestamp % HALF), target, middle, end);
        target[end] = '}';
        return end + 1;
    }

    /** Writes the last digits of a number, one for each byte between the indexes. */
    private static void writeDigits(int number, byte[] target, int from, int to) {
        int rest = number;
        for (int i = to - 1; i >= from; i--) {
            target[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    private static int digits(long number) {
        if (number >= TODAY_FROM && number < 10 * TODAY_FROM) {
            return TODAY_DIGITS;
        }
        int digits = 1;
        for (long rest = number / 10; rest > 0; rest /= 10) {
            digits++;
        }
        return digits;
    }
}

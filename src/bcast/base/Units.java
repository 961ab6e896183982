package bcast.base;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses and formats durations and sizes of the command line. */
public final class Units {

    private static final Pattern DURATION_PART = Pattern.compile("(\\d+)(ms|s|m|h)");
    private static final Pattern DURATION = Pattern.compile("(\\d+(ms|s|m|h))+");
    private static final Pattern SIZE = Pattern.compile("(\\d+)(b|kib|mib|gib)?");
    private static final int MAX_DIGITS = 12;

    private Units() {}

    /**
     * {@return the milliseconds of a duration as Go prints it, such as 24h, 1h30m or 500ms}
     *
     * @param text the duration
     * @throws IllegalArgumentException if it is not one
     * @throws ArithmeticException if it is too long
     */
    public static long durationMs(String text) {
        if (!DURATION.matcher(text).matches()) {
            throw new IllegalArgumentException("not a duration such as 24h, 1h30m or 500ms");
        }
        long ms = 0;
        Matcher part = DURATION_PART.matcher(text);
        while (part.find()) {
            long unit = switch (part.group(2)) {
                case "ms" -> 1;
                case "s" -> 1_000;
                case "m" -> 60_000;
                default -> 3_600_000;
            };
            ms = Math.addExact(ms, Math.multiplyExact(number(part.group(1)), unit));
        }
        return ms;
    }

    /**
     * {@return the bytes of a size such as 1048576, 64KiB or 2GiB}
     *
     * @param text the size
     * @throws IllegalArgumentException if it is not one
     * @throws ArithmeticException if it is too large
     */
    public static long bytes(String text) {
        Matcher size = SIZE.matcher(text.toLowerCase(Locale.ROOT));
        if (!size.matches()) {
            throw new IllegalArgumentException("not a size such as 1048576, 64KiB or 2GiB");
        }
        String unit = size.group(2) == null ? "b" : size.group(2);
        int shift = switch (unit) {
            case "kib" -> 10;
            case "mib" -> 20;
            case "gib" -> 30;
            default -> 0;
        };
        return Math.multiplyExact(number(size.group(1)), 1L << shift);
    }

    private static long number(String digits) {
        if (digits.length() > MAX_DIGITS) {
            throw new IllegalArgumentException("too many digits");
        }
        return Long.parseLong(digits);
    }

    /**
     * {@return a duration as {@link #durationMs} reads it}
     *
     * @param ms milliseconds
     */
    public static String duration(long ms) {
        if (ms % 3_600_000 == 0 && ms > 0) {
            return ms / 3_600_000 + "h";
        }
        if (ms % 60_000 == 0 && ms > 0) {
            return ms / 60_000 + "m";
        }
        return ms % 1_000 == 0 ? ms / 1_000 + "s" : ms + "ms";
    }

    /**
     * {@return a size in the largest unit that fits}
     *
     * @param bytes the size
     */
    public static String size(long bytes) {
        if (bytes >= 1L << 30 && bytes % (1L << 30) == 0) {
            return (bytes >> 30) + "GiB";
        }
        if (bytes >= 1L << 20) {
            return (bytes >> 20) + "MiB";
        }
        return bytes >= 1L << 10 && bytes % (1L << 10) == 0 ? (bytes >> 10) + "KiB" : bytes + "B";
    }
}

package bcast.data;

/** Holds records to the limits of {@link Data}. */
final class RecordLimits {

    private RecordLimits() {}

    /** Throws an {@link IllegalArgumentException} that names the limit if one is broken. */
    static void check(Text id, Text raw, Text signature, long timestamp) {
        check("id", id, Data.MAX_ID_BYTES);
        check("raw", raw, Data.MAX_RAW_BYTES);
        check("signature", signature, Data.MAX_SIGNATURE_BYTES);
        checkTimestamp(timestamp);
    }

    private static void check(String field, Text text, int limit) {
        if (text.length() == 0) {
            throw new IllegalArgumentException(field + " is empty");
        }
        if (text.length() > limit) {
            throw new IllegalArgumentException(field + " has " + text.length()
                    + " bytes, the limit is " + limit);
        }
    }

    static void checkTimestamp(long timestamp) {
        if (timestamp < 0 || timestamp > Data.MAX_TIMESTAMP) {
            throw new IllegalArgumentException("timestamp " + timestamp + " is not in 0.."
                    + Data.MAX_TIMESTAMP);
        }
    }
}

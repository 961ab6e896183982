package bcast.http.reading;

import bcast.base.Context;
import java.util.HexFormat;
import java.util.function.Supplier;

/** Identifies this start of the node, so that a cursor of another start or node is recognised. */
public final class StartId {

    private static final int NAME_DIGITS = 12;

    private final Supplier<String> incarnation;
    private final long sinceMs;
    private final String name;

    /**
     * A start at the present time.
     *
     * @param context clock and random numbers
     * @param incarnation supplies a suffix that changes if the cluster finds a copy of this process
     */
    public StartId(Context context, Supplier<String> incarnation) {
        this.incarnation = incarnation;
        this.sinceMs = context.clock().wallMs();
        this.name = HexFormat.of().toHexDigits(context.random().nextLong(), NAME_DIGITS);
    }

    /** {@return its name, which changes if the cluster finds a copy of this process} */
    public String name() {
        return name + incarnation.get();
    }

    /** {@return when it was, in Unix milliseconds} */
    public long sinceMs() {
        return sinceMs;
    }
}

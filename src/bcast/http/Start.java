package bcast.http;

import bcast.base.Context;
import bcast.base.Lazy;
import bcast.cluster.Cluster;
import java.util.HexFormat;
import java.util.function.Supplier;

/** This start of the node, by which a cursor is told from those of other starts and nodes. */
final class Start {

    private static final int NAME_DIGITS = 12;

    private final Cluster cluster;
    private final long sinceMs;
    /** Late: Java loads much for random numbers, and a probe of the node's health needs none. */
    private final Supplier<String> name;

    Start(Context context, Cluster cluster) {
        this.cluster = cluster;
        this.sinceMs = context.clock().wallMs();
        this.name = new Lazy<>(() ->
                HexFormat.of().toHexDigits(context.random().get().nextLong(), NAME_DIGITS));
    }

    /** Its name, which changes if the cluster finds a copy of this process elsewhere. */
    String name() {
        return name.get() + cluster.incarnation();
    }

    /** When it was, in Unix milliseconds. */
    long sinceMs() {
        return sinceMs;
    }
}

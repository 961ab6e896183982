package bcast.cluster.net.discovery;

import bcast.base.Metric;
import bcast.cluster.net.secret.Secret;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Supplier;

/**
 * Decides by address which nodes this one links to. Without a secret these are the nodes on private
 * networks of this host, and before interfaces are known only those on its loopback. With one, any
 * node may open a link, and has to prove on it that it has the secret too. Owned by the cluster's
 * thread.
 */
public final class Admission {

    /** Counts links refused; labelled with the {@code reason}. */
    public static final Metric REFUSED = Metric.counter("bcast_links_refused_total",
            "Links refused before they were open, by reason.");

    /** Counts links and announcements refused, from outside this host's private networks. */
    public static final Metric REFUSED_FAR = REFUSED.with("reason", "far");

    private final Supplier<List<Secret>> secrets;
    private Interfaces interfaces = Interfaces.NONE;

    public Admission(Supplier<List<Secret>> secrets) {
        this.secrets = secrets;
    }

    /** The secrets that are accepted now, the first to be used; none for an open cluster. */
    public List<Secret> secrets() {
        return secrets.get();
    }

    void rescanned(Interfaces found) {
        interfaces = found;
    }

    /** Whether nodes at an address may be linked. */
    public boolean admits(InetAddress address) {
        return !secrets().isEmpty() || interfaces.onPrivateNetwork(address);
    }

    /** The interfaces that the last scan found. */
    public Interfaces interfaces() {
        return interfaces;
    }
}

package bcast.cluster.gossip.overlay;

import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.link.Output;

/** Finds other nodes: by multicast, by names the user gave, and in a mesh by asking peers. */
final class Discovery {

    /** Time between announcements by multicast, once settled. */
    static final long ANNOUNCE_MS = 2_000;

    /** The same in a cluster too large for a mesh, where there are many to be heard. */
    static final long ANNOUNCE_SELDOM_MS = 10_000;

    /** An unknown node is answered with an announcement, but not more often than this. */
    static final long ANNOUNCE_AGAIN_MS = 200;

    /** Time between lookups of the names the user gave. */
    static final long RESOLVE_MS = 5_000;

    /** Time between exchanges of peers while views differ. */
    static final long EXCHANGE_MS = 1_000;

    private final ActiveView view;
    private final Membership membership;
    private final Hearsay hearsay;
    private final AddressBook book;
    private final Outbox out;
    private final long startedMs;
    private long announceDueMs;
    private long announcedMs;
    private long resolveDueMs;
    private long exchangeDueMs;

    Discovery(ActiveView view, Membership membership, Hearsay hearsay, AddressBook book,
            Outbox out, Now now) {
        this.view = view;
        this.book = book;
        this.out = out;
        this.membership = membership;
        this.hearsay = hearsay;
        this.startedMs = now.steadyMs();
        this.announceDueMs = now.steadyMs();
        this.announcedMs = now.steadyMs() - ANNOUNCE_AGAIN_MS;
        this.resolveDueMs = now.steadyMs();
        this.exchangeDueMs = now.steadyMs() + EXCHANGE_MS;
    }

    void tick(Now now) {
        long ms = now.steadyMs();
        if (ms >= announceDueMs) {
            announce(ms);
        }
        if (ms >= resolveDueMs) {
            resolveDueMs = ms + RESOLVE_MS;
            out.add(new Output.Resolve());
        }
        if (ms >= exchangeDueMs) {
            exchangeDueMs = ms + EXCHANGE_MS;
            if (membership.mesh()) {
                exchange(ms);
            }
        }
    }

    private void announce(long ms) {
        boolean settling = ms - startedMs < ANNOUNCE_MS;
        announceDueMs = ms + (settling ? ANNOUNCE_MS / 4
                : membership.mesh() ? ANNOUNCE_MS : ANNOUNCE_SELDOM_MS);
        announcedMs = ms;
        out.add(new Output.Announce());
    }

    void announced(Input.Announced announced, Now now) {
        if (view.linked(announced.node()) || !announced.address().dialable()) {
            return;
        }
        long ms = now.steadyMs();
        hearsay.heard(announced.node(), announced.address(), ms, false, ms);
        if (membership.mesh()) {
            if (ms - announcedMs >= ANNOUNCE_AGAIN_MS) {
                announce(ms);
            }
            membership.dial(ms);
        }
    }

    void dialFailed(Input.DialFailed failed, Now now) {
        String said = "cannot reach " + failed.address() + ": " + failed.reason();
        // The user named this address, so the log warns of it: once, until it was reached.
        if (book.failed(failed.address(), now.steadyMs()) == 1 && book.named(failed.address())) {
            out.warn(said + "; it is tried again and again");
        } else {
            out.debug(said);
        }
    }

    /** Names other nodes to those neighbours in a mesh whose view differs from this one. */
    private void exchange(long ms) {
        for (Link link : view.peers()) {
            if (link.heartbeat().meshHash() != view.meshHash()) {
                hearsay.introduce(link, ms);
            }
        }
    }
}

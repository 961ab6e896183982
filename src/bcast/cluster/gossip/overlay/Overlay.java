package bcast.cluster.gossip.overlay;

import bcast.base.Metric;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.NodeSettings;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.gossip.link.Refusals;
import bcast.storage.StoreView;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Finds other nodes and decides which of them are neighbours. A small cluster is a full mesh. A
 * larger one is HyParView (Leitão, Pereira, Rodrigues, DSN 2007): few neighbours, made by random
 * walks of those that join, and many addresses, exchanged by shuffles, to replace neighbours that
 * are lost.
 *
 * <p>Beyond the paper, neighbours are sought on a timer and not only when one is lost; a walk that
 * cannot go on ends where it is; only nodes that were dialled with success are passed on; and every
 * node visits strangers now and then, so that parts of a cluster that lost sight of each other
 * meet. Nodes also find each other by multicast, by the names that the user gave, and in a mesh by
 * naming other nodes to peers whose views differ.
 */
public final class Overlay {

    /** What the overlay counts, in addition to faults of peers. */
    public static final List<Metric> COUNTERS = List.of(ActiveView.SHUT_OUT, Membership.SHED,
            Membership.VISITS, Liveness.SILENT);

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

    private final AddressBook book;
    private final Refusals<NodeId> shutOuts;
    private final Twins twins;
    private final ActiveView view;
    private final Membership membership;
    private final Liveness liveness;
    private final Hearsay hearsay;
    private final Greeting greeting;
    private final Outbox out;
    private final NodeId self;
    private final long startedMs;
    private final long keepsIdUntilMs;
    private long announceDueMs;
    private long announcedMs;
    private long resolveDueMs;
    private long exchangeDueMs;

    /**
     * A node without links.
     *
     * @param before the overlay of the same node under another id: addresses and shut out nodes
     *     are taken over from there
     */
    public Overlay(NodeSettings settings, StoreView store, Optional<Overlay> before, Outbox out,
            Random random, LinkEvents listener, Now now) {
        long nowMs = now.steadyMs();
        this.self = settings.node();
        this.out = out;
        this.book = before.map(each -> each.book).orElseGet(() -> new AddressBook(random));
        this.shutOuts = before.map(each -> each.shutOuts).orElseGet(
                () -> new Refusals<>(ActiveView.MAX_SHUT_OUT));
        this.keepsIdUntilMs = before.isEmpty() ? Long.MIN_VALUE : nowMs + Twins.KEEP_ID_MS;
        before.ifPresent(each -> book.beginAnew(nowMs));
        this.twins = new Twins(random);
        this.view = new ActiveView(self, book, shutOuts, out, listener);
        this.membership = new Membership(view, book, out, random, listener, nowMs);
        this.liveness = new Liveness(view, book, out);
        this.hearsay = new Hearsay(self, view, membership, book, out, random, nowMs);
        this.greeting = new Greeting(settings, store, view, membership, hearsay, liveness,
                shutOuts, book, twins, out, listener);
        this.startedMs = nowMs;
        this.announceDueMs = nowMs;
        this.announcedMs = nowMs - ANNOUNCE_AGAIN_MS;
        this.resolveDueMs = nowMs;
        this.exchangeDueMs = nowMs + EXCHANGE_MS;
    }

    // ---- what there is

    /** The links, as other protocols see them. */
    public Neighbours neighbours() {
        return view;
    }

    /** All links, those that still greet and visits included. */
    public Collection<Link> links() {
        return view.all();
    }

    /** A link that this node closed but that may still bring messages. */
    public Optional<Link> retired(int number) {
        return view.retired(number);
    }

    /** Whether the cluster is small enough for a full mesh, as far as it is known. */
    public boolean mesh() {
        return membership.mesh();
    }

    /** Whether any node has dialled this one with success. */
    public boolean reachable() {
        return greeting.reachable();
    }

    /** The nodes that are alive, as far as it is known, linked or not. */
    public Collection<OverlayMessage.Peer> alive(Now now) {
        return book.fresh(now.steadyMs());
    }

    // ---- messages

    /** A message arrived on a link that is not up, or a refusal on any link. */
    public void greeted(Link link, Message message, Now now) {
        greeting.on(link, message, now);
    }

    /**
     * The peer reports that another node has this node's id, see {@link Twins}. If so, this node
     * takes another one, but not twice in a short time.
     */
    public void onTwin(Link link, LinkMessage.Twin twin, Now now) {
        if (!greeting.isTwin(link, twin, now) || now.steadyMs() < keepsIdUntilMs) {
            return;
        }
        NodeId fresh = twins.newId(twin.number(), now);
        out.warn("another node has the id " + self + " of this node, reports the one at " + link
                + ": both were resumed from one snapshot, such as of a virtual machine. "
                + "This node goes on as " + fresh + " and links anew; restart copied nodes, since "
                + "they may share other random numbers too");
        leave(new LinkMessage.Bye("it takes another id", true));
        out.add(new Output.NewId(fresh));
    }

    /** Any other message that no other protocol takes arrived on a link that is up. */
    public void on(Link link, Message message, Now now) {
        long ms = now.steadyMs();
        if (message instanceof OverlayMessage.Peers known) {
            hearsay.learn(link, known.peers(), false, ms);
        } else if (message instanceof OverlayMessage.ForwardJoin join) {
            hearsay.onForwardJoin(link, join, ms);
        } else if (message instanceof OverlayMessage.Shuffle shuffle) {
            hearsay.onShuffle(link, shuffle, ms);
        } else if (message instanceof OverlayMessage.Shuffled shuffled) {
            hearsay.onShuffled(link, shuffled, ms);
        } else if (message instanceof OverlayMessage.Adopt) {
            membership.adopt(link, false, now);
        } else if (message instanceof LinkMessage.Bye bye) {
            view.left(link, bye, now);
        } else {
            view.hangUp(link, "unexpected " + message.getClass().getSimpleName(), now);
        }
    }

    // ---- links

    /** Ends a visit of this node. */
    public void endVisit(Link link, Now now) {
        view.part(link, "a visit", now);
    }

    /** Makes a visit a link between neighbours, since two parts of the cluster meet on it. */
    public void adopt(Link link, Now now) {
        membership.adopt(link, true, now);
    }

    /** Names other nodes to a new neighbour, and the neighbour to other nodes if it joined here. */
    public void welcome(Link link, Now now) {
        hearsay.introduce(link, now.steadyMs());
        boolean joined = link.dialled().isEmpty() && link.hello().role() == LinkRole.JOIN;
        if (joined && !mesh()) {
            hearsay.joined(link);
        }
    }

    /** Ends all links. */
    public void leave(LinkMessage.Bye bye) {
        view.leave(bye);
    }

    // ---- finding nodes

    /** A link was opened or closed, or an address was learned or dialled in vain. */
    public void on(Input input, Now now) {
        if (input instanceof Input.Opened opened) {
            greeting.opened(opened, now);
        } else if (input instanceof Input.Closed closed) {
            view.closed(closed, now);
        } else if (input instanceof Input.Announced announced) {
            onAnnounced(announced, now.steadyMs());
        } else if (input instanceof Input.Resolved resolved) {
            book.named(resolved.addresses(), now.steadyMs());
        } else if (input instanceof Input.DialFailed failed) {
            onDialFailed(failed, now.steadyMs());
        }
    }

    private void onAnnounced(Input.Announced announced, long ms) {
        if (view.linked(announced.node()) || !announced.address().dialable()) {
            return;
        }
        hearsay.heard(announced.node(), announced.address(), ms, false, ms);
        if (mesh()) {
            if (ms - announcedMs >= ANNOUNCE_AGAIN_MS) {
                announce(ms);
            }
            membership.dial(ms);
        }
    }

    private void announce(long ms) {
        boolean settling = ms - startedMs < ANNOUNCE_MS;
        announceDueMs = ms + (settling ? ANNOUNCE_MS / 4
                : mesh() ? ANNOUNCE_MS : ANNOUNCE_SELDOM_MS);
        announcedMs = ms;
        out.add(new Output.Announce());
    }

    private void onDialFailed(Input.DialFailed failed, long ms) {
        String said = "cannot reach " + failed.address() + ": " + failed.reason();
        // The user named this address, so the log warns of it: once, until it was reached.
        if (book.failed(failed.address(), ms) == 1 && book.named(failed.address())) {
            out.warn(said + "; trying again");
        } else {
            out.debug(said);
        }
    }

    // ---- time

    /** This node itself stood still, so the silence of its peers means nothing. */
    public void forgiveSilence(Now now) {
        liveness.forgiveSilence(now);
    }

    /** Closes the links of silent peers, and looks for nodes and neighbours. */
    public void tick(Now now) {
        long ms = now.steadyMs();
        liveness.tick(now);
        twins.tick(now);
        if (ms >= announceDueMs) {
            announce(ms);
        }
        if (ms >= resolveDueMs) {
            resolveDueMs = ms + RESOLVE_MS;
            out.add(new Output.Resolve());
        }
        if (mesh() && ms >= exchangeDueMs) {
            exchangeDueMs = ms + EXCHANGE_MS;
            view.peers().stream().filter(link -> link.heartbeat().meshHash() != view.meshHash())
                    .forEach(link -> hearsay.introduce(link, ms));
        }
        membership.tick(now);
        if (!mesh()) {
            hearsay.tick(ms);
        }
    }
}

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
import bcast.cluster.gossip.link.Refusals;
import bcast.storage.StoreView;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;

/**
 * Finds other nodes and decides which of them are neighbours. A small cluster is a full mesh. A
 * larger one is HyParView (Leitão, Pereira, Rodrigues, DSN 2007): few neighbours, made by random
 * walks of those that join, and many addresses, exchanged by shuffles, to replace neighbours that
 * are lost.
 *
 * <p>Beyond the paper, neighbours are sought on a timer and not only when one is lost; a walk that
 * cannot go on ends where it is; only nodes that were dialled with success are passed on; and every
 * node visits strangers now and then, so that parts of a cluster that lost sight of each other
 * meet.
 */
public final class Overlay {

    /** What the overlay counts, in addition to faults of peers. */
    public static final List<Metric> COUNTERS = List.of(ActiveView.SHUT_OUT, Membership.SHED,
            Membership.VISITS, Liveness.SILENT);

    /** Most links at once, those that still greet included. */
    public static final int MAX_LINKS = ActiveView.MAX_LINKS;

    private final AddressBook book;
    private final Refusals<NodeId> shutOuts;
    private final Twins twins;
    private final ActiveView view;
    private final Membership membership;
    private final Liveness liveness;
    private final Hearsay hearsay;
    private final Walks walks;
    private final Greeting greeting;
    private final Discovery discovery;
    private final long keepsIdUntilMs;

    /**
     * A node without links.
     *
     * @param settings what it reports of itself
     * @param store what it holds
     * @param before the overlay of the same node under another id: addresses and shut out nodes
     *     are taken over from there
     * @param inTree whether records are pushed on a link, so that it is shed last
     * @param out where outputs go
     * @param random the only source of randomness
     * @param listener hears of links that come and go
     * @param now when it starts
     */
    public Overlay(NodeSettings settings, StoreView store, Optional<Overlay> before,
            Predicate<Link> inTree, Outbox out, Random random, LinkEvents listener, Now now) {
        NodeId self = settings.node();
        this.book = before.map(each -> each.book).orElseGet(() -> new AddressBook(random));
        this.shutOuts = before.map(each -> each.shutOuts).orElseGet(
                () -> new Refusals<>(ActiveView.MAX_SHUT_OUT));
        this.keepsIdUntilMs = before.isEmpty() ? Long.MIN_VALUE
                : now.steadyMs() + Twins.KEEP_ID_MS;
        before.ifPresent(each -> book.beginAnew(now.steadyMs()));
        this.twins = new Twins(random);
        this.view = new ActiveView(self, book, shutOuts, out, listener);
        this.membership = new Membership(view, book, inTree, out, random, listener, now);
        this.liveness = new Liveness(view, book, out);
        this.hearsay = new Hearsay(self, view, membership, book, out, random);
        this.walks = new Walks(self, view, hearsay, book, out, random, now);
        this.greeting = new Greeting(settings, store, view, membership, hearsay, liveness,
                shutOuts, book, twins, out, listener);
        this.discovery = new Discovery(view, membership, hearsay, book, out, now);
    }

    // ---- what there is

    /** {@return the links, as other protocols see them} */
    public Neighbours neighbours() {
        return view;
    }

    /** {@return all links, those that still greet and visits included} */
    public Collection<Link> links() {
        return view.all();
    }

    /**
     * Finds a link that this node closed but that may still bring messages.
     *
     * @param number its number
     * @return the link; empty if its sockets are closed
     */
    public Optional<Link> retired(int number) {
        return view.retired(number);
    }

    /** {@return whether the cluster is small enough for a full mesh, as far as it is known} */
    public boolean mesh() {
        return membership.mesh();
    }

    /** {@return whether any node has dialled this one with success} */
    public boolean reachable() {
        return greeting.reachable();
    }

    /**
     * Lists nodes that are alive, linked or not.
     *
     * @param now the time
     * @return the nodes, as far as it is known
     */
    public List<OverlayMessage.Peer> alive(Now now) {
        return book.fresh(now.steadyMs());
    }

    // ---- links

    /**
     * A link was opened.
     *
     * @param opened the link
     * @param now the time
     */
    public void opened(Input.Opened opened, Now now) {
        greeting.opened(opened, now);
    }

    /**
     * A link was closed.
     *
     * @param closed the link
     * @param now the time
     */
    public void closed(Input.Closed closed, Now now) {
        view.closed(closed, now);
    }

    /**
     * A message arrived on a link that is not up.
     *
     * @param link the link
     * @param message the message
     * @param now the time
     */
    public void greeted(Link link, Message message, Now now) {
        greeting.on(link, message, now);
    }

    /**
     * The peer refuses a link.
     *
     * @param link the link
     * @param refusal the peer's reason
     * @param now the time
     */
    public void refused(Link link, LinkMessage.Refuse refusal, Now now) {
        greeting.on(link, refusal, now);
    }

    /**
     * The peer reports that another node has this node's id, see {@link Twins}.
     *
     * @param link the link
     * @param twin the report
     * @param now the time
     * @return whether this node has to take another id, which it does not do twice in a short time
     */
    public boolean isTwin(Link link, LinkMessage.Twin twin, Now now) {
        return greeting.isTwin(link, twin, now) && now.steadyMs() >= keepsIdUntilMs;
    }

    /**
     * Draws an id in place of one that another node has as well.
     *
     * @param twin the report of that
     * @param now the time
     * @return the id
     */
    public NodeId newId(LinkMessage.Twin twin, Now now) {
        return twins.newId(twin.number(), now);
    }

    /**
     * The peer ends a link.
     *
     * @param link the link
     * @param bye the peer's reason
     * @param now the time
     */
    public void left(Link link, LinkMessage.Bye bye, Now now) {
        view.left(link, bye, now);
    }

    /**
     * Closes a link whose peer broke the protocol.
     *
     * @param link the link
     * @param reason why, for the log
     * @param now the time
     */
    public void hangUp(Link link, String reason, Now now) {
        view.hangUp(link, reason, now);
    }

    /**
     * Ends a visit of this node.
     *
     * @param link its link
     * @param now the time
     */
    public void endVisit(Link link, Now now) {
        view.part(link, "a visit", now);
    }

    /**
     * Makes a visit a link between neighbours, since two parts of the cluster meet on it.
     *
     * @param link its link
     * @param now the time
     */
    public void adopt(Link link, Now now) {
        membership.adopt(link, true, now);
    }

    /**
     * Names other nodes to a new neighbour, and the neighbour to other nodes if it joined here.
     *
     * @param link its link
     * @param now the time
     */
    public void welcome(Link link, Now now) {
        hearsay.introduce(link, now.steadyMs());
        boolean joined = link.dialled().isEmpty() && link.hello().role() == LinkRole.JOIN;
        if (joined && !mesh()) {
            walks.joined(link);
        }
    }

    /**
     * Ends all links.
     *
     * @param bye why
     */
    public void leave(LinkMessage.Bye bye) {
        view.leave(bye);
    }

    // ---- messages

    /**
     * A message of this protocol arrived.
     *
     * @param link the link
     * @param message the message
     * @param now the time
     */
    public void on(Link link, OverlayMessage message, Now now) {
        long ms = now.steadyMs();
        if (message instanceof OverlayMessage.Peers known) {
            hearsay.learn(link, known.peers(), false, ms);
        } else if (message instanceof OverlayMessage.ForwardJoin join) {
            walks.onForwardJoin(link, join, ms);
        } else if (message instanceof OverlayMessage.Shuffle shuffle) {
            walks.onShuffle(link, shuffle, ms);
        } else if (message instanceof OverlayMessage.Shuffled shuffled) {
            walks.onShuffled(link, shuffled, ms);
        } else if (message instanceof OverlayMessage.Adopt) {
            membership.adopt(link, false, now);
        }
    }

    // ---- finding nodes

    /**
     * A node announced itself by multicast.
     *
     * @param announced the node
     * @param now the time
     */
    public void announced(Input.Announced announced, Now now) {
        discovery.announced(announced, now);
    }

    /**
     * The names given by the user were looked up.
     *
     * @param resolved their addresses
     * @param now the time
     */
    public void resolved(Input.Resolved resolved, Now now) {
        book.named(resolved.addresses(), now.steadyMs());
    }

    /**
     * A dial failed.
     *
     * @param failed the address
     * @param now the time
     */
    public void dialFailed(Input.DialFailed failed, Now now) {
        discovery.dialFailed(failed, now);
    }

    // ---- time

    /**
     * This node itself stood still, so the silence of its peers means nothing.
     *
     * @param now the time
     */
    public void forgiveSilence(Now now) {
        liveness.forgiveSilence(now);
    }

    /**
     * Closes the links of silent peers.
     *
     * @param now the time
     */
    public void closeSilent(Now now) {
        liveness.tick(now);
        twins.tick(now);
    }

    /**
     * Looks for nodes and neighbours.
     *
     * @param now the time
     */
    public void tick(Now now) {
        discovery.tick(now);
        membership.tick(now);
        if (!membership.mesh()) {
            walks.tick(now.steadyMs());
        }
    }
}

package bcast.cluster.gossip.spread;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.NodeSettings;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.data.Data;
import bcast.eventbus.Event;
import bcast.storage.StoreView;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The way in: {@link Pushing} sends records along the {@link Tree} or has them announced, {@link
 * Judging} has those of peers judged, {@link Grafts} asks for those that the tree did not bring,
 * and {@link Acks} has peers confirm those of clients.
 */
public final class Spread {

    private final Tree tree;
    private final Grafts grafts;
    private final Acks acks;
    private final Wanted wanted;
    private final Pushing pushing;
    private final Judging judging;

    /** A node without links; {@code small} is true of a cluster that is to be a full mesh. */
    public Spread(NodeSettings settings, StoreView store, Neighbours neighbours,
            BooleanSupplier small, Outbox out) {
        this.tree = new Tree(settings.node(), neighbours, store::full, out);
        this.wanted = new Wanted(settings);
        this.grafts = new Grafts(wanted, neighbours, tree, out);
        this.acks = new Acks(neighbours, out);
        this.pushing = new Pushing(neighbours, small, tree, grafts, acks, out);
        this.judging = new Judging(store, neighbours, pushing, wanted.refusals(), out,
                settings.maxSkewMs());
    }

    /** Takes over from the same node before it changed its id and closed all links. */
    public void follow(Spread before, Now now) {
        acks.follow(before.acks, now);
        judging.follow(before.judging);
    }

    // ---- links

    /** A link is up, or is one between neighbours now. */
    public void up(Link link, Now now) {
        tree.up(link, now.steadyMs());
    }

    public void down(Link link) {
        // Forgets that it was paused.
        pushing.resume(link);
        tree.down(link);
    }

    /** Holds new records back from a peer, which catches up by {@link #resend} meanwhile. */
    public void pause(Link link) {
        pushing.pause(link);
    }

    public void resume(Link link) {
        pushing.resume(link);
    }

    /** Whether new records are held back from a peer. */
    public boolean paused(Link link) {
        return pushing.paused(link);
    }

    // ---- messages

    public void on(Link link, SpreadMessage message, Now now) {
        if (message instanceof SpreadMessage.Push push) {
            judging.pushed(link, push, now);
        } else if (message instanceof SpreadMessage.Held held) {
            acks.onHeld(held);
        } else if (link.neighbour()) {
            // The tree consists of links between neighbours, not of visits.
            onTree(link, message, now);
        }
    }

    private void onTree(Link link, SpreadMessage message, Now now) {
        if (message instanceof SpreadMessage.Beacon beacon) {
            tree.onBeacon(link, beacon, now.steadyMs());
        } else if (message instanceof SpreadMessage.IHave have) {
            grafts.onIHave(link, have, now);
        } else if (message instanceof SpreadMessage.Graft graft) {
            grafts.onGraft(link, graft);
        } else if (message instanceof SpreadMessage.Gone gone) {
            grafts.onGone(link, gone, now);
        }
    }

    /** Whether the visitor that sent a beacon had better become a neighbour. */
    public boolean joinedBy(SpreadMessage.Beacon beacon, Now now) {
        return tree.joinedBy(beacon, now.steadyMs());
    }

    /** Sends a record to a paused peer, with a {@link SpreadMessage.Push#meshHash}. */
    public void resend(Link link, Data data, long meshHash) {
        pushing.resend(link, data, meshHash);
    }

    /** Whether records wait to be announced on a link. */
    public boolean hasToAnnounce(Link link) {
        return grafts.hasToAnnounce(link);
    }

    /** Announces the records that wait for it. */
    public void announce(Link link) {
        grafts.announce(link);
    }

    // ---- verdicts and clients' records

    /**
     * A record of a client or a peer is stored, and spreads from here. Returns the number of the
     * link whose round brought it; empty if none did.
     */
    public Optional<Integer> accepted(Event.Accepted accepted, Now now) {
        if (accepted.from().isPeer()) {
            return judging.accepted(accepted, now);
        }
        pushing.publish(accepted.data(), now);
        return Optional.empty();
    }

    /** A peer's record was refused. */
    public void refused(Event.Refused event, Now now) {
        judging.refused(event, now);
    }

    /** Asks peers to confirm that they hold a client's record. */
    public void askToConfirm(Event.Confirm confirm, Now now) {
        acks.askToConfirm(confirm.data(), confirm.again(), now);
    }

    /** Keys were read again: records that were refused may be genuine. */
    public void keysChanged() {
        judging.keysChanged();
    }

    /** The bus dropped verdicts: forgets records under judgement, which rounds bring again. */
    public void forget() {
        judging.forget();
    }

    /** Bytes of records under judgement. */
    public long judgingBytes() {
        return judging.bytes();
    }

    /** How many records of a peer are under judgement. */
    public int judging(Link link) {
        return judging.of(link);
    }

    /** Which records are worth asking for. */
    public Wanted wanted() {
        return wanted;
    }

    // ---- the tree

    public Optional<NodeId> root() {
        return tree.root();
    }

    /** This node's parent, if it has one. */
    public Optional<NodeId> parent() {
        return tree.parent();
    }

    /** Whether this node has a place in the tree. */
    public boolean placed() {
        return tree.placed();
    }

    /** Whether this node's heartbeat names a peer as its parent. */
    public boolean namesAsParent(Link link) {
        return tree.namesAsParent(link);
    }

    /** Whether a link leads to the parent or to a child. */
    public boolean inTree(Link link) {
        return tree.has(link);
    }

    // ---- time

    public void tickTree(Now now) {
        tree.tick(now.steadyMs());
    }

    /** Asks again for what is missing or unconfirmed. */
    public void tick(Now now) {
        grafts.tick(now);
        acks.tick(now);
    }
}

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
 * Brings each new record to all nodes: {@link Pushing} sends it along the {@link Tree} and
 * announces it elsewhere, {@link Judging} has the records of peers judged before they are passed
 * on, {@link Grafts} asks for what the tree did not bring, and {@link Acks} asks peers to confirm
 * that they hold a client's record.
 */
public final class Spread {

    private final Tree tree;
    private final Grafts grafts;
    private final Acks acks;
    private final Wanted wanted;
    private final Pushing pushing;
    private final Judging judging;

    /** A node without links; {@code mesh} is true while all nodes are linked to each other. */
    public Spread(NodeSettings settings, StoreView store, Neighbours neighbours,
            BooleanSupplier mesh, Outbox out) {
        this.tree = new Tree(settings.node(), neighbours, store::full, out);
        this.wanted = new Wanted(settings);
        this.grafts = new Grafts(wanted, neighbours, tree, out);
        this.acks = new Acks(neighbours, out);
        this.pushing = new Pushing(neighbours, mesh, tree, grafts, acks, out);
        this.judging = new Judging(store, neighbours, pushing, wanted.refused(), out,
                settings.maxSkewMs());
    }

    /** Takes over from the same node under another id, which has no links any more. */
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
        pushing.resume(link);
        tree.down(link);
    }

    /** Holds new records back from a peer, which gets them later in another way. */
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
            // A visitor has no place in the tree.
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

    /** Sends a record once more, outside the tree; {@code meshHash} is that of the message. */
    public void resend(Link link, Data data, long meshHash) {
        pushing.resend(link, data, meshHash);
    }

    /** Whether records wait to be announced on a link. */
    public boolean announces(Link link) {
        return grafts.announces(link);
    }

    /** Announces the records that wait for it. */
    public void announce(Link link) {
        grafts.flush(link);
    }

    // ---- verdicts and clients' records

    /**
     * A record of a client or a peer is stored. Returns the number of the link on which it came in
     * a round; empty if it did not.
     */
    public Optional<Integer> accepted(Event.Accepted accepted, Now now) {
        return judging.accepted(accepted, now);
    }

    /** A peer's record was refused. */
    public void refused(Event.Refused event, Now now) {
        judging.refused(event, now);
    }

    /** A peer has to confirm that it holds a client's record. */
    public void confirm(Event.Confirm confirm, Now now) {
        acks.request(confirm.data(), confirm.again(), now);
    }

    /** Keys were read again: records that were refused may be genuine. */
    public void keysChanged() {
        judging.keysChanged();
    }

    /** Verdicts were lost: forgets the records under judgement, which rounds bring again. */
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

    /** Which records this node would take. */
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

    /** Whether a peer is to take this node for its child. */
    public boolean isParent(Link link) {
        return tree.isParent(link);
    }

    /** Whether a link leads to the parent or to a child. */
    public boolean inTree(Link link) {
        return tree.has(link);
    }

    /** Whether this node's place changed since the last call: its peers must learn that at once. */
    public boolean takeMoved() {
        return tree.takeMoved();
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

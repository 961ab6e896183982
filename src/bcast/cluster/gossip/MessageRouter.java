package bcast.cluster.gossip;

import bcast.base.Metric;
import bcast.cluster.gossip.link.Fault;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.link.PerLink;
import bcast.cluster.gossip.overlay.Overlay;
import bcast.cluster.gossip.overlay.OverlayMessage;
import bcast.cluster.gossip.repair.Repair;
import bcast.cluster.gossip.repair.RepairMessage;
import bcast.cluster.gossip.spread.Spread;
import bcast.cluster.gossip.spread.SpreadMessage;
import java.util.Optional;

/** Hands each message to the protocol of its family, as far as its link allows such a message. */
final class MessageRouter {

    /** Most questions of one peer answered in a second; a fast newcomer asks about 100. */
    static final int QUESTIONS_A_SECOND = 500;

    static final Metric QUESTIONS_DROPPED = Metric.counter("bcast_sync_questions_dropped_total",
            "Requests dropped from peers that sent too many.");

    private static final class Asked {
        private long secondMs;
        private int questions;
    }

    private final Overlay overlay;
    private final Spread spread;
    private final Repair repair;
    private final Leaving leaving;
    private final Outbox out;
    private final PerLink<Asked> asked = new PerLink<>(Asked::new);

    MessageRouter(Overlay overlay, Spread spread, Repair repair, Leaving leaving, Outbox out) {
        this.overlay = overlay;
        this.spread = spread;
        this.repair = repair;
        this.leaving = leaving;
        this.out = out;
    }

    void on(Input.Got got, Now now) {
        Optional<Link> link = overlay.neighbours().link(got.link());
        if (link.isPresent()) {
            on(link.get(), got.message(), now);
        } else {
            overlay.retired(got.link()).ifPresent(old -> onLast(old, got.message(), now));
        }
    }

    /** A message was still on its way when this node closed the link. */
    private void onLast(Link link, Message message, Now now) {
        if (message instanceof SpreadMessage.Push push) {
            spread.on(link, push, now);
        } else if (message instanceof OverlayMessage.Peers known) {
            overlay.on(link, known, now);
        } else if (message instanceof LinkMessage.Twin twin && link.greetedOnly()) {
            onTwin(link, twin, now);
        }
    }

    private void on(Link link, Message message, Now now) {
        link.heard(now);
        if (message instanceof LinkMessage.Twin twin && link.greetedOnly()) {
            onTwin(link, twin, now);
        } else if (!link.up() || message instanceof LinkMessage.Refuse) {
            overlay.greeted(link, message, now);
        } else {
            if (!(message instanceof Message.Question) || answers(link, now)) {
                dispatch(link, message, now);
            }
            repair.goOn(now);
        }
    }

    /** Whether a question is to be answered. A peer that asks more is at fault once a second. */
    private boolean answers(Link link, Now now) {
        Asked peer = asked.of(link);
        if (now.steadyMs() - peer.secondMs >= 1_000) {
            peer.secondMs = now.steadyMs();
            peer.questions = 0;
        }
        if (++peer.questions <= QUESTIONS_A_SECOND) {
            return true;
        }
        out.count(QUESTIONS_DROPPED);
        if (peer.questions == QUESTIONS_A_SECOND + 1) {
            overlay.neighbours().fault(link, Fault.QUESTIONS, now);
        }
        return false;
    }

    /** A node that leaves keeps its id, whoever has it as well. */
    private void onTwin(Link link, LinkMessage.Twin twin, Now now) {
        if (!leaving.begun()) {
            overlay.onTwin(link, twin, now);
        }
    }

    private void dispatch(Link link, Message message, Now now) {
        if (message instanceof SpreadMessage spreading) {
            onSpread(link, spreading, now);
        } else if (message instanceof RepairMessage repairing) {
            repair.on(link, repairing, now);
        } else if (message instanceof LinkMessage.Heartbeat heartbeat) {
            boolean wasFull = link.heartbeat().full();
            link.heard(heartbeat, now);
            if (wasFull && !heartbeat.full()) {
                repair.want(link);
            }
        } else {
            overlay.on(link, message, now);
        }
    }

    private void onSpread(Link link, SpreadMessage message, Now now) {
        if (message instanceof SpreadMessage.Push push && push.inRound()) {
            repair.received(link, now);
        }
        if (message instanceof SpreadMessage.Beacon beacon && !link.neighbour()
                && spread.joinedBy(beacon, now)) {
            overlay.adopt(link, now);
        } else {
            spread.on(link, message, now);
        }
    }
}

package bcast.cluster.net;

import bcast.base.Clock;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.repair.RepairMessage;
import bcast.cluster.net.secret.ProtocolException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Reads links in turns, so that none keeps the others waiting, and hands their messages to the
 * listener.
 */
final class LinkReader {

    /** Reads of one link before the next link gets its turn. */
    private static final int READS_A_TURN = 4;

    private final LinkTable table;
    /** Memory of all records of which only a part has arrived. */
    private final long maxUnfinishedBytes;
    private final LinkListener listener;
    private final Clock clock;
    private final TimeSlicedQueue<LinkChannel> unread;

    LinkReader(LinkTable table, long maxUnfinishedBytes, Clock clock, LinkListener listener) {
        this.table = table;
        this.maxUnfinishedBytes = maxUnfinishedBytes;
        this.listener = listener;
        this.clock = clock;
        this.unread = new TimeSlicedQueue<>(clock);
    }

    /** There is something to read on a link. */
    void ready(LinkChannel link) {
        unread.add(link);
    }

    boolean unread() {
        return !unread.isEmpty();
    }

    void read() {
        unread.serve(this::read);
    }

    private void read(LinkChannel link) {
        try {
            for (int i = 0; i < READS_A_TURN && (i == 0 || unread.timeLeft()) && link.isOpen()
                    && listener.mayRead(); i++) {
                Optional<List<Message>> messages = link.read();
                if (messages.isEmpty()) {
                    return;
                }
                if (link.unfinishedBytes() > 0
                        && table.sum(LinkChannel::unfinishedBytes) > maxUnfinishedBytes) {
                    throw new ProtocolException("unfinished records take more than "
                            + maxUnfinishedBytes + " bytes");
                }
                received(link, messages.get());
            }
        } catch (ProtocolException e) {
            table.brokeProtocol(link, e.getMessage());
        } catch (IOException e) {
            table.closed(link, e.getMessage());
        }
    }

    private void received(LinkChannel link, List<Message> messages) {
        table.reportIfAuthenticated(link);
        if (!link.reported) {
            // This side's part of the handshake may wait to be sent.
            table.flushLater(link);
            return;
        }
        if (messages.isEmpty()) {
            listener.handle(new Input.Alive(link.number));
        }
        for (Message message : messages) {
            Input.Got got = new Input.Got(link.number, message);
            if (message instanceof RepairMessage.Question || message instanceof Message.HashList) {
                long beganNs = clock.steadyNs();
                listener.handle(got);
                link.spend(clock.steadyNs() - beganNs);
            } else {
                listener.handle(got);
            }
        }
        link.throttle(clock.steadyMs());
    }
}

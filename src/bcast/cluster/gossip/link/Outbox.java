package bcast.cluster.gossip.link;

import bcast.base.Log;
import bcast.base.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/** Gathers the outputs of one input. All protocols of a node share one. */
public final class Outbox {

    private List<Output> outputs = new ArrayList<>();
    private boolean sends;

    /** No outputs so far. */
    public Outbox() {}

    /**
     * Adds an output.
     *
     * @param output the output
     */
    public void add(Output output) {
        outputs.add(output);
    }

    /**
     * Sends a message.
     *
     * @param link number of the link
     * @param message the message
     */
    public void send(int link, Message message) {
        sends = true;
        add(new Output.Send(link, message));
    }

    /** {@return whether something is to be sent, which most inputs do not lead to} */
    public boolean sends() {
        return sends;
    }

    /**
     * Writes to the log at level info.
     *
     * @param text the text
     */
    public void info(String text) {
        add(new Output.WriteLog(Log.Level.INFO, text));
    }

    /**
     * Writes to the log at level warn.
     *
     * @param text the text
     */
    public void warn(String text) {
        add(new Output.WriteLog(Log.Level.WARN, text));
    }

    /**
     * Writes to the log at level debug.
     *
     * @param text the text
     */
    public void debug(String text) {
        add(new Output.WriteLog(Log.Level.DEBUG, text));
    }

    /**
     * Adds one to a counter.
     *
     * @param counter the counter
     */
    public void count(Metric counter) {
        add(new Output.Count(counter));
    }

    /**
     * Reports the health of a part of the node.
     *
     * @param part the part
     * @param problem what is wrong; empty if nothing is
     */
    public void health(String part, Optional<String> problem) {
        add(new Output.Health(part, problem));
    }

    /**
     * Reports what an operator should look at.
     *
     * @param part the part of the node that found it
     * @param note what was found; empty when it is over
     */
    public void note(String part, Optional<String> note) {
        add(new Output.Note(part, note));
    }

    /**
     * Visits each link on which something was sent so far.
     *
     * @param link is given the number of each link, of some several times
     */
    public void forEachSentOn(IntConsumer link) {
        int last = -1;
        int size = outputs.size();
        for (int i = 0; i < size; i++) {
            if (outputs.get(i) instanceof Output.Send send && send.link() != last) {
                last = send.link();
                link.accept(last);
            }
        }
    }

    /** {@return the outputs gathered so far, which are no longer in here} */
    public List<Output> take() {
        if (outputs.isEmpty()) {
            return List.of();
        }
        List<Output> taken = outputs;
        outputs = new ArrayList<>();
        sends = false;
        return taken;
    }
}

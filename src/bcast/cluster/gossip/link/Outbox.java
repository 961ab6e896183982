package bcast.cluster.gossip.link;

import bcast.base.Log;
import bcast.base.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/** Gathers the outputs of one input. All protocols of a node share one. */
public final class Outbox {

    private List<Output> outputs = new ArrayList<>();

    public void add(Output output) {
        outputs.add(output);
    }

    public void send(int link, Message message) {
        message.sentCounter().ifPresent(this::count);
        add(new Output.Send(link, message));
    }

    public void log(Log.Level level, String text) {
        add(new Output.WriteLog(level, text));
    }

    public void info(String text) {
        log(Log.Level.INFO, text);
    }

    public void warn(String text) {
        log(Log.Level.WARN, text);
    }

    public void debug(String text) {
        log(Log.Level.DEBUG, text);
    }

    /** Adds one to a counter. */
    public void count(Metric counter) {
        add(new Output.Count(counter));
    }

    /** Gives the number of each link on which something was sent so far, of some several times. */
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

    /** Takes the outputs gathered so far out of here. */
    public List<Output> take() {
        if (outputs.isEmpty()) {
            return List.of();
        }
        List<Output> taken = outputs;
        outputs = new ArrayList<>();
        return taken;
    }
}

package bcast.cluster.gossip;

import bcast.base.Log;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/** Gathers the outputs of one input. */
final class Outbox {

    private List<Output> outputs = new ArrayList<>();
    private boolean sends;

    void add(Output output) {
        outputs.add(output);
    }

    void send(int link, Message message) {
        sends = true;
        add(new Output.Send(link, message));
    }

    /** Whether something is to be sent, which most inputs do not lead to. */
    boolean sends() {
        return sends;
    }

    void info(String text) {
        add(new Output.Say(Log.Level.INFO, text));
    }

    void warn(String text) {
        add(new Output.Say(Log.Level.WARN, text));
    }

    void debug(String text) {
        add(new Output.Say(Log.Level.DEBUG, text));
    }

    void count(String name) {
        add(new Output.Count(name));
    }

    void health(String part, Optional<String> problem) {
        add(new Output.Health(part, problem));
    }

    void note(String part, Optional<String> note) {
        add(new Output.Note(part, note));
    }

    /** Tells of each link on which something was sent so far, some of them several times. */
    void forEachSentOn(IntConsumer link) {
        int last = -1;
        int size = outputs.size();
        for (int i = 0; i < size; i++) {
            if (outputs.get(i) instanceof Output.Send send && send.link() != last) {
                last = send.link();
                link.accept(last);
            }
        }
    }

    /** Hands over what was gathered and begins anew. */
    List<Output> take() {
        if (outputs.isEmpty()) {
            return List.of();
        }
        List<Output> taken = outputs;
        outputs = new ArrayList<>();
        sends = false;
        return taken;
    }
}

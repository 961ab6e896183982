package bcast.cluster.gossip;

import bcast.base.Log;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Gathers the outputs of one input. */
final class Outbox {

    private List<Output> outputs = new ArrayList<>();
    private final Set<Integer> sentOn = new LinkedHashSet<>();

    void add(Output output) {
        outputs.add(output);
    }

    void send(int link, Message message) {
        sentOn.add(link);
        add(new Output.Send(link, message));
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

    /** Links on which something is sent. */
    List<Integer> sentOn() {
        return sentOn.isEmpty() ? List.of() : List.copyOf(sentOn);
    }

    /** Hands over what was gathered and begins anew. */
    List<Output> take() {
        sentOn.clear();
        List<Output> taken = outputs;
        outputs = new ArrayList<>();
        return taken;
    }
}

package bcast;

import bcast.base.Context;
import bcast.base.StartException;
import java.io.IOException;

/** Constructs the modules of a node: what a {@code Main} gives to {@link Launcher}. */
@FunctionalInterface
public interface Wiring {

    /**
     * Constructs a node, which is not started. Modules bind their ports and lock their files in
     * their constructors. What was constructed before one that throws is not closed, since
     * {@link Launcher} then ends the process. A program that goes on after such a failure, such as
     * a test, closes those modules itself: each can be closed without a start.
     *
     * @param config what the command line requests
     * @param context what every module is given
     * @return the node
     * @throws StartException if a module cannot start; its message is all that the user gets
     * @throws IOException if a port or a file cannot be used
     */
    Node node(Config config, Context context) throws StartException, IOException;
}

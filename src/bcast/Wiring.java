package bcast;

import bcast.base.Context;
import bcast.base.StartException;
import java.io.IOException;

/** Constructs the modules of a node: what a {@code Main} gives to {@link Launcher}. */
@FunctionalInterface
public interface Wiring {

    /**
     * {@return a node, which is not started} Modules bind their ports and lock their files in their
     * constructors. If one throws, {@link Launcher} ends the process; a program that goes on, such
     * as a test, closes the modules constructed before.
     *
     * @throws StartException if a module cannot start; its message is all that the user gets
     * @throws IOException if a port or a file cannot be used
     */
    Node node(Config config, Context context) throws StartException, IOException;
}

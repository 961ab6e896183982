package bcast;

import bcast.base.Context;
import bcast.base.StartException;
import java.io.IOException;

/** Constructs the modules of a node: what a {@code Main} gives to {@link Launcher}. */
@FunctionalInterface
public interface Wiring {

    /**
     * Constructs a node, which is not started. If this throws, the process ends, and with it
     * whatever was constructed before.
     *
     * @param config what the command line requests
     * @param context what every module is given
     * @return the node
     * @throws StartException if a module cannot start; its message is all that the user gets
     * @throws IOException if a port or a file cannot be used
     */
    Node node(Config config, Context context) throws StartException, IOException;
}

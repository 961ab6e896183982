package bcast.cluster.net;

import java.io.IOException;
import java.nio.channels.Channel;

final class Sockets {

    private Sockets() {}

    /** Closes a socket that is not needed any more, even if the system reports a fault. */
    static void closeQuietly(Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            assert !channel.isOpen() : "a channel is closed even if closing it fails";
        }
    }
}

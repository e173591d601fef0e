package io.parallaxfleet.quickstart;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** TCP ports of the loopback interface. */
final class Ports {
    private Ports() {}

    /** A port that was free a moment ago; another process may take it before its user binds it. */
    static int free() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new StartupException("no free TCP port on the loopback interface: " + e.getMessage(), e);
        }
    }

    /**
     * Fails early and clearly where a port is in use.
     *
     * @param user what wants to listen, e.g. {@code the dashboard}
     * @param option the option that chooses another port
     */
    static void requireFree(int port, String user, String option) {
        if (port < 1 || port > 65_535) {
            throw new StartupException("port " + port + " for " + user + " is out of range; give " + option + " 1..65535");
        }
        try {
            bindAndRelease(port);
        } catch (IOException e) {
            throw new StartupException("port " + port + " for " + user + " is taken (" + e.getMessage()
                    + "); stop what listens there or choose another with " + option, e);
        }
    }

    /** Whether nothing listens on the port at this moment. */
    static boolean isFree(int port) {
        try {
            bindAndRelease(port);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void bindAndRelease(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            // As the servers do: a port in TIME_WAIT from a previous run is free.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        }
    }
}

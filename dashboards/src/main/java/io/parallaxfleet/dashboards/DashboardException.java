package io.parallaxfleet.dashboards;

/** The dashboard could not be started; the message is one line that says why and what to do. */
public final class DashboardException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DashboardException(String message, Throwable cause) {
        super(message, cause);
    }
}

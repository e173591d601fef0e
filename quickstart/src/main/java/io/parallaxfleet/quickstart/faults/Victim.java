package io.parallaxfleet.quickstart.faults;

/** What is killed. */
enum Victim {
    TASK_MANAGER,
    JOB_MANAGER,
    BROKER,
    /** The process of the simulated devices. */
    FLEET,
    /** A real device agent, which keeps on disk what it has not delivered. */
    AGENT
}

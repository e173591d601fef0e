package io.parallaxfleet.agent;

import io.parallaxfleet.execute.Accelerator;
import java.util.Optional;

/**
 * The accelerator an agent uses.
 *
 * @param accelerator opened; the holder closes it
 * @param note what to tell people; empty: nothing
 */
record AcceleratorChoice(Optional<Accelerator> accelerator, Optional<String> note) {
    static AcceleratorChoice none() {
        return new AcceleratorChoice(Optional.empty(), Optional.of("no accelerator: told not to use one"));
    }

    static AcceleratorChoice find() {
        return new AcceleratorChoice(Optional.empty(), Optional.of("no accelerator"));
    }
}

package io.parallaxfleet.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * A step of a sub-graph that runs by a plan of its own.
 *
 * @param name the way to it: the step that holds the sub-graph, the attribute, the step inside, as {@code S3.loop/body/S1.L2.B0}
 * @param step what it is in the sub-graph's plan
 */
public record BodyBranch(String name, PlanStep step) {
    /** Those of a plan: of each sub-graph its steps, then those of sub-graphs inside it. */
    static List<BodyBranch> of(EnginePlan plan) {
        List<BodyBranch> found = new ArrayList<>();
        add(plan, "", found);
        return List.copyOf(found);
    }

    private static void add(EnginePlan plan, String way, List<BodyBranch> found) {
        for (PlanStep step : plan.steps()) {
            step.controlFlow().ifPresent(operator -> operator.bodies().forEach((attribute, body) -> {
                String inside = way + step.name() + "/" + attribute + "/";
                body.steps().forEach(branch -> found.add(new BodyBranch(inside + branch.name(), branch)));
                add(body, inside, found);
            }));
        }
    }
}

package io.parallaxfleet.ablation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parallaxfleet.schedule.ConcurrentSet.Branch;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BindingBudgetTest {
    @Test
    @DisplayName("where light and heavy branches meet, the budget is one that the two rules fill differently")
    void differs() {
        List<Branch> layer = List.of(new Branch(1, 10), new Branch(1, 10), new Branch(50, 30), new Branch(40, 30));

        BindingBudget budget = BindingBudget.among(List.of(layer), 2);

        assertEquals(new BindingBudget(60, 1, 1, 1), budget);
    }

    @Test
    @DisplayName("a layer that the budget holds as a whole asks no rule")
    void unbound() {
        List<Branch> large = List.of(new Branch(1, 10), new Branch(1, 10), new Branch(50, 30), new Branch(40, 30));
        List<Branch> small = List.of(new Branch(1, 1), new Branch(9, 2), new Branch(8, 3));

        assertEquals(new BindingBudget(60, 1, 1, 2), BindingBudget.among(List.of(large, small), 2));
    }

    @Test
    @DisplayName("equal branches are begun alike whatever the rule: the budget still binds")
    void alike() {
        List<Branch> layer = List.of(new Branch(5, 10), new Branch(5, 10), new Branch(5, 10));

        assertEquals(new BindingBudget(20, 1, 0, 1), BindingBudget.among(List.of(layer), 2));
    }

    @Test
    @DisplayName("layers of two branches get a budget that holds one at a time")
    void oneAtATime() {
        List<Branch> layer = List.of(new Branch(5, 10), new Branch(9, 30));

        assertEquals(new BindingBudget(30, 1, 0, 1), BindingBudget.among(List.of(layer), 2));
    }

    @Test
    @DisplayName("without layers side by side there is nothing to bind")
    void nothing() {
        assertEquals(new BindingBudget(0, 0, 0, 0), BindingBudget.among(List.of(), 2));
    }
}

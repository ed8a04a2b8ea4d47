//! What breaks: orchestrators, nodes, jobs, the bus, and the person's own doings.

use gangline_domain::ids::ProjectId;

use crate::people;
use crate::world::{Happening, World};

impl World {
    /// Something breaks, and the next thing will.
    pub(crate) fn fault(&mut self) {
        let pause = self.rng.between(5_000, 600_000);
        self.after(pause, Happening::Fault);
        if self.calm {
            return;
        }
        let node = usize::try_from(self.rng.below(2)).expect("BUG: small");
        match self.rng.below(9) {
            0 | 1 => self.crash_leader(),
            2 => {
                // A second orchestrator starts while the first one lives.
                self.after(0, Happening::Start);
            }
            3 => {
                self.nodes[node].up = false;
                let ms = self.rng.between(100, 60_000);
                self.after(ms, Happening::NodeStart(node));
            }
            4 => {
                let ms = self.rng.between(1_000, 120_000);
                self.nodes[node].cut_off_until = self.now.plus_ms(ms);
            }
            5 => self.kill_a_job(node),
            6 => {
                // The host loses power: supervisor and all its jobs.
                self.nodes[node].up = false;
                let running: Vec<_> = self.nodes[node].running().cloned().collect();
                for id in running {
                    self.nodes[node].kill_job(&id);
                }
                let ms = self.rng.between(1_000, 60_000);
                self.after(ms, Happening::NodeStart(node));
            }
            7 => {
                let ms = self.rng.between(1_000, 300_000);
                self.dirty_until = self.now.plus_ms(ms);
            }
            _the_person_commits => self.person_commits(),
        }
    }

    /// A person commits to a target branch, past Gangline.
    pub(crate) fn person_commits(&mut self) {
        let project = people::project(self.rng.below(self.projects));
        self.commits_to(&project);
    }

    pub(crate) fn commits_to(&mut self, project: &ProjectId) {
        let tip = self.git.target(project).clone();
        let mut tree = self.git.get(&tip).tree.clone();
        self.content += 1;
        let file = u8::try_from(self.rng.below(6)).expect("BUG: small");
        tree.insert(file, self.content * 8 + 1);
        // People keep their branch green.
        if !crate::git::is_red(&tree) {
            let tip = self.git.commit(tree, vec![tip]);
            self.git.set_target(project, &tip);
            self.checker.person_moved(project, &tip);
        }
    }

    fn crash_leader(&mut self) {
        if let Some((leader, _)) = self.leading() {
            self.leaders[leader].die();
            self.asked.retain(|(of, _), _| *of != leader);
        }
        let ms = self.rng.between(50, 60_000);
        self.after(ms, Happening::Start);
    }

    fn kill_a_job(&mut self, node: usize) {
        let running: Vec<_> = self.nodes[node].running().cloned().collect();
        if !running.is_empty() {
            let id = self.rng.pick(&running).clone();
            self.nodes[node].kill_job(&id);
        }
    }
}

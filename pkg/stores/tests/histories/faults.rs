//! A connection on which something goes wrong, or is done by others, at a statement of a number.

use isofold::{Code, Error, Result};
use isofold_stores::{Batch, Driver, SqlValue};

/// What goes wrong.
pub enum Fault {
    Nothing,
    /// The statement of this number fails; where `forever`, all from then on do, and nobody rolls back.
    Fails {
        after: u32,
        forever: bool,
    },
    /// Before the transaction of this number begins, these statements are run on another connection.
    Others {
        begin: u32,
        driver: Box<dyn Driver>,
        sql: Vec<String>,
    },
    /// A statement that changes anything fails.
    OnlyReads,
}

pub struct Faulty {
    pub driver: Box<dyn Driver>,
    pub fault: Fault,
    pub is_dead: bool,
}

impl Faulty {
    fn step(&mut self, sql: &str) -> Result<()> {
        let refused = |text: &str| Err(Error::new(Code::StoreDatabase, format!("{text}: {sql}")));
        match &mut self.fault {
            _ if self.is_dead => return refused("dead"),
            Fault::Fails { after, forever } if *after == 0 => {
                self.is_dead = *forever;
                self.fault = Fault::Nothing;
                return refused("cut");
            }
            Fault::Fails { after, .. } => *after -= 1,
            Fault::Others { begin, driver, sql: theirs } if sql.starts_with("BEGIN") => {
                if *begin == 0 {
                    for sql in std::mem::take(theirs) {
                        driver.run(&sql, &[])?;
                    }
                }
                *begin = begin.wrapping_sub(1);
            }
            Fault::OnlyReads if !(sql.starts_with("SELECT") || sql.starts_with("WITH")) => return refused("changes"),
            Fault::Others { .. } | Fault::OnlyReads | Fault::Nothing => {}
        }
        Ok(())
    }
}

impl Driver for Faulty {
    fn dialect(&self) -> &'static str {
        self.driver.dialect()
    }

    fn start(&mut self) -> Result<()> {
        self.driver.start()
    }

    fn run(&mut self, sql: &str, parameters: &[SqlValue]) -> Result<Vec<Vec<SqlValue>>> {
        self.step(sql)?;
        self.driver.run(sql, parameters)
    }

    fn stream(&mut self, sql: &str, columns: &[String], fold: &mut dyn FnMut(&Batch<'_>) -> Result<()>) -> Result<()> {
        self.step(sql)?;
        self.driver.stream(sql, columns, fold)
    }

    fn rollback(&mut self) {
        // who is dead rolls nothing back: the database does
        if !self.is_dead {
            self.driver.rollback();
        }
    }
}

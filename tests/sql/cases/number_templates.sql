-- Each digit of a template takes a character, whatever it is.
select to_number('1,234.56', '999'), to_number('$ 12.50', '9999'), to_number('1.5e3', '090099'), to_number('-12.5', '9999,9G');
select to_number('12-', '9999MI'), to_number('12-', '99MI'), to_number('12-', '99S'), to_number('-12', 'S99'), to_number('12+', '999PL');
select to_number('1,234,567.89', '9,999,999.99'), to_number('1,234,567.89', '9G999G999D99'), to_number('1.2345', '9.99'), to_number('abc12', '99999');
select to_number('<12>', '99PR'), to_number('12th', '99th'), to_number(' 7', '99'), to_number('-1,2', '9,9');
select to_number('x', '9');
select to_number('5.01-', 'FM9.999999MI'), to_number('5.01-', 'FM9.999999S'), to_number('1a2b3', '99999');

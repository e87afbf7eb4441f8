export default 'functions';
